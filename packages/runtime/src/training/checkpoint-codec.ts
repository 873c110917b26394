/** Named arrays and a JSON header as one block of bytes. */
export interface Packed {
  readonly header: unknown;
  readonly arrays: Readonly<Record<string, Float32Array | Int32Array>>;
}

interface Entry {
  readonly name: string;
  readonly type: "f32" | "i32";
  readonly length: number;
}

const ALIGN = 8;
const aligned = (bytes: number) => Math.ceil(bytes / ALIGN) * ALIGN;

/** Layout: length of the JSON text (uint32, padded to 8 bytes), the text padded to 8, then the arrays one after the other. */
export function pack({ header, arrays }: Packed): Uint8Array {
  const entries = Object.entries(arrays).map(
    ([name, values]): Entry => ({ name, type: values instanceof Float32Array ? "f32" : "i32", length: values.length }),
  );
  const text = new TextEncoder().encode(JSON.stringify({ header, entries }));
  const body = ALIGN + aligned(text.length);
  const total = entries.reduce((at, entry) => at + aligned(4 * entry.length), body);
  const bytes = new Uint8Array(total);
  new DataView(bytes.buffer).setUint32(0, text.length, true);
  bytes.set(text, ALIGN);
  let at = body;
  for (const values of Object.values(arrays)) {
    bytes.set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength), at);
    at += aligned(values.byteLength);
  }
  return bytes;
}

/** The arrays are views of `bytes`. @throws Error when the bytes are not what {@link pack} wrote */
export function unpack(bytes: Uint8Array): Packed {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const length = bytes.byteLength >= ALIGN ? view.getUint32(0, true) : Number.POSITIVE_INFINITY;
  if (ALIGN + length > bytes.byteLength) throw new Error("checkpoint is cut short");
  const text = new TextDecoder().decode(bytes.subarray(ALIGN, ALIGN + length));
  const { header, entries } = JSON.parse(text) as { header: unknown; entries: readonly Entry[] };
  const arrays: Record<string, Float32Array | Int32Array> = {};
  let at = bytes.byteOffset + ALIGN + aligned(length);
  const end = bytes.byteOffset + bytes.byteLength;
  for (const { name, type, length: count } of entries) {
    if (at + 4 * count > end) throw new Error("checkpoint is cut short");
    arrays[name] = type === "f32" ? new Float32Array(bytes.buffer, at, count) : new Int32Array(bytes.buffer, at, count);
    at += aligned(4 * count);
  }
  return { header, arrays };
}
