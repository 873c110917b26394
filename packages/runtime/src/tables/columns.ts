import {
  type Data,
  type DataType,
  Field,
  FixedSizeList,
  Float32,
  Float64,
  Int32,
  Int64,
  makeData,
  RecordBatch,
  Schema,
  Struct,
  Table,
  Utf8,
} from "apache-arrow";

/**
 * Columns of Arrow tables over typed arrays. Nothing is copied on the way in, and on the way out only what lies in
 * several record batches.
 */

export const int32Data = (values: Int32Array) => makeData({ type: new Int32(), data: values, length: values.length });
export const int64Data = (values: BigInt64Array) =>
  makeData({ type: new Int64(), data: values, length: values.length });
export const float32Data = (values: Float32Array) =>
  makeData({ type: new Float32(), data: values, length: values.length });
export const float64Data = (values: Float64Array) =>
  makeData({ type: new Float64(), data: values, length: values.length });

/** `-1` is null. */
export function nullableInt32Data(values: Int32Array) {
  const valid = new Uint8Array(((values.length + 63) >> 6) << 3);
  let nullCount = 0;
  for (let i = 0; i < values.length; i++) {
    if (values[i] === -1) nullCount++;
    else valid[i >> 3] = (valid[i >> 3] as number) | (1 << (i & 7));
  }
  return makeData({ type: new Int32(), data: values, length: values.length, nullCount, nullBitmap: valid });
}

/** Strings as UTF-8 bytes with their offsets `[n + 1]`. */
export const utf8Data = (bytes: Uint8Array, offsets: Int32Array) =>
  makeData({ type: new Utf8(), data: bytes, valueOffsets: offsets, length: offsets.length - 1 });

export function utf8DataOf(strings: readonly string[]) {
  const offsets = new Int32Array(strings.length + 1);
  const parts = strings.map((text) => Buffer.from(text, "utf8"));
  parts.forEach((part, i) => {
    offsets[i + 1] = (offsets[i] as number) + part.length;
  });
  return utf8Data(Buffer.concat(parts), offsets);
}

/** Rows of `width` numbers, `values` is `[rows, width]`. */
export function listData(values: Float32Array | Int32Array, width: number) {
  const child: Data = values instanceof Float32Array ? float32Data(values) : int32Data(values);
  const field = new Field("item", child.type as DataType, false);
  return makeData({
    type: new FixedSizeList(width, field),
    length: width === 0 ? 0 : values.length / width,
    child,
  });
}

/** One record batch of columns of equal length. Metadata are facts that a reader needs beside the rows. */
export function tableOf(
  columns: Readonly<Record<string, Data>>,
  metadata: Readonly<Record<string, string | number>> = {},
): Table {
  const children = Object.values(columns);
  const fields = Object.entries(columns).map(([name, data]) => new Field(name, data.type, data.nullCount > 0));
  const schema = new Schema(fields, new Map(Object.entries(metadata).map(([key, value]) => [key, String(value)])));
  const length = children[0]?.length ?? 0;
  const data = makeData({ type: new Struct(fields), length, nullCount: 0, children });
  return new Table(schema, new RecordBatch(schema, data));
}

/** Integer kept in the schema's metadata. @throws Error when it is not there (not a table of ours). */
export function countOf(table: Table, key: string): number {
  const text = table.schema.metadata.get(key);
  if (text === undefined) throw new Error(`Arrow table has no metadata "${key}"`);
  return Number(text);
}

type NumberArray = Int32Array | Float32Array | Float64Array | BigInt64Array;

function numbersOf<A extends NumberArray>(
  table: Table,
  name: string,
  kind: { new (length: number): A; name: string },
): A {
  const column = table.getChild(name);
  const parts = (column?.data ?? []).map((data) => data.values.subarray(0, data.length) as A);
  return joined(parts, name, kind);
}

function joined<A extends NumberArray>(
  parts: readonly A[],
  name: string,
  kind: { new (length: number): A; name: string },
): A {
  for (const part of parts) {
    if (!(part instanceof kind)) throw new Error(`column "${name}" holds ${part.constructor.name}, not ${kind.name}`);
  }
  const [first] = parts;
  if (first && parts.length === 1) return first;
  const out = new kind(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part as never, at);
    at += part.length;
  }
  return out;
}

export const int32Column = (table: Table, name: string): Int32Array => numbersOf(table, name, Int32Array);
export const float32Column = (table: Table, name: string): Float32Array => numbersOf(table, name, Float32Array);
export const float64Column = (table: Table, name: string): Float64Array => numbersOf(table, name, Float64Array);
export const int64Column = (table: Table, name: string): BigInt64Array => numbersOf(table, name, BigInt64Array);

/** Values `[rows, width]` of a column of fixed-size lists. */
export function listColumn<A extends Float32Array | Int32Array>(
  table: Table,
  name: string,
  kind: { new (length: number): A; name: string },
): { readonly width: number; readonly values: A } {
  const column = table.getChild(name);
  const type = column?.type as FixedSizeList | undefined;
  const width = type?.listSize ?? 0;
  const parts = (column?.data ?? []).map((data) => {
    const child = data.children[0] as Data;
    return child.values.subarray(0, data.length * width) as A;
  });
  return { width, values: joined(parts, name, kind) };
}

export function utf8Column(table: Table, name: string): string[] {
  const column = table.getChild(name);
  return column ? Array.from(column, (value) => (value === null ? "" : String(value))) : [];
}
