import type { Table } from "apache-arrow";
import type { ArtefactMeta } from "./artefact.js";

type Schema = ArtefactMeta["tables"][number]["schema"];

/** Field names with their Arrow types in words, as stored in `artefact.json`. */
export function schemaOf(table: Table): Schema {
  return table.schema.fields.map(({ name, type, nullable }) => ({ name, type: String(type), nullable }));
}
