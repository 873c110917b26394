import { DataType, type Table } from "apache-arrow";
import { RuntimeFault } from "../faults.js";

/** A field that a port expects. */
export interface FieldSpec {
  readonly name: string;
  /** Arrow's name of the type; `FixedSizeList<Float32>` stands for lists of any width. */
  readonly type: "Int32" | "Int64" | "Float32" | "Float64" | "Utf8" | "FixedSizeList<Float32>" | "FixedSizeList<Int32>";
  readonly optional?: boolean;
  readonly nullable?: boolean;
}

/** Whose table it is and where it was about to be used. */
export interface PortPlace {
  readonly node: string;
  readonly port: string;
  /** The node that wrote the table. */
  readonly from: string;
  readonly table: string;
}

/** `FixedSizeList[20]<Float32>` without its width. */
const typeName = (type: DataType): string =>
  DataType.isFixedSizeList(type) ? `FixedSizeList<${type.valueType}>` : String(type);

const shown = (fields: readonly FieldSpec[]): string =>
  fields.map((field) => `${field.name}${field.optional ? "?" : ""}: ${field.type}`).join(", ");

/**
 * Checks field names, types and nulls of a table before a stage reads it.
 * @throws RuntimeFault KDP8009 naming node, port, what was expected and what was there.
 */
export function checkTable(table: Table, expected: readonly FieldSpec[], place: PortPlace): void {
  const problem = expected.map((spec) => problemOf(table, spec)).find((text) => text !== null);
  if (!problem) return;
  const got = table.schema.fields.map((field) => `${field.name}: ${typeName(field.type)}`).join(", ");
  throw new RuntimeFault({
    code: "KDP8009",
    kind: "run",
    message: `port "${place.port}" of ${place.node} cannot read table "${place.table}" of ${place.from}: ${problem}\n  expected ${shown(expected)}\n  got      ${got || "no columns"}`,
    place: place.node,
    fix: `the table was written by another version or by a faulty plugin; remove ${place.from} from the cache (\`kdp cache gc\`) and run again`,
  });
}

function problemOf(table: Table, spec: FieldSpec): string | null {
  const field = table.schema.fields.find((candidate) => candidate.name === spec.name);
  if (!field) return spec.optional ? null : `no column "${spec.name}"`;
  if (typeName(field.type) !== spec.type) return `column "${spec.name}" is ${typeName(field.type)}, not ${spec.type}`;
  const nulls = table.getChild(spec.name)?.nullCount ?? 0;
  return nulls > 0 && !spec.nullable ? `column "${spec.name}" has ${nulls} nulls` : null;
}
