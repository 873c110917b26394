import { join } from "node:path";
import type { Scalar } from "@kdp/plugin-api";
import type { Table } from "apache-arrow";
import { sha256 } from "../keys/sha256.js";
import { arrowPieces } from "./arrow-pieces.js";
import type { ArtefactMeta, ArtefactWriter, Facts, StoredFile } from "./artefact.js";
import { writing } from "./fs-faults.js";
import { MAX_ROWS_IN_META, ROW_TABLES } from "./row-tables.js";
import { schemaOf } from "./schema.js";
import { type StoreFs, writeParts } from "./store-fs.js";

type TableMeta = ArtefactMeta["tables"][number];
type Rows = NonNullable<ArtefactMeta["rows"]>;

/**
 * Writes the tables of an artefact as Arrow IPC files into a folder, one by one, and other files as they are, and collects
 * what is known of them. Whoever publishes them flushes them to the disk.
 */
export class TableFiles implements ArtefactWriter {
  readonly #folder: string;
  readonly #fs: StoreFs;
  readonly #tables: TableMeta[] = [];
  readonly #rows: Record<string, Rows[string]> = {};
  readonly #files: StoredFile[] = [];
  readonly #notes: string[] = [];
  #facts: Facts = {};

  constructor(folder: string, fs: StoreFs) {
    this.#folder = folder;
    this.#fs = fs;
  }

  table(name: string, table: Table): void {
    if (!/^[a-z][a-z0-9._-]*$/i.test(name))
      throw new Error(`"${name}" is not a name for a table: use letters, digits, "-", "_" and "."`);
    if (this.#tables.some((known) => known.name === name)) throw new Error(`table "${name}" was written twice`);
    const pieces = arrowPieces(table);
    const file = `${name}.arrow`;
    writing(join(this.#folder, file), () => writeParts(this.#fs, join(this.#folder, file), ...pieces));
    this.#tables.push({
      name,
      file,
      rows: table.numRows,
      bytes: pieces.reduce((sum, piece) => sum + piece.byteLength, 0),
      sha256: sha256(...pieces),
      schema: schemaOf(table),
    });
    if (ROW_TABLES.has(name) && table.numRows <= MAX_ROWS_IN_META) this.#rows[name] = plainRows(table);
  }

  /** A file that is no table. Its name may not leave the folder, and not be one of the store's own. */
  file(name: string, content: Uint8Array): void {
    if (!/^[\w-][\w.-]*$/.test(name) || name === "artefact.json") {
      throw new Error(`"${name}" is not a file name: use letters, digits, ".", "-" and "_"`);
    }
    if (this.#files.some(({ file }) => file === name)) throw new Error(`the file "${name}" was written twice`);
    writing(join(this.#folder, name), () => writeParts(this.#fs, join(this.#folder, name), content));
    this.#files.push({ file: name, bytes: content.byteLength, sha256: sha256(content) });
  }

  facts(facts: Facts): void {
    this.#facts = { ...this.#facts, ...facts };
  }

  note(text: string): void {
    this.#notes.push(text);
  }

  content(): Pick<ArtefactMeta, "facts" | "notes" | "tables" | "rows" | "files"> {
    const files = this.#files.length > 0 ? { files: this.#files } : {};
    return { facts: this.#facts, notes: this.#notes, tables: this.#tables, rows: this.#rows, ...files };
  }

  abandon(): void {
    this.#fs.rmSync(this.#folder, { recursive: true, force: true });
  }
}

/** Rows with numbers, strings and booleans only; a 64-bit integer becomes a number. */
export function plainRows(table: Table): Rows[string] {
  const names = table.schema.fields.map((field) => field.name);
  return Array.from({ length: table.numRows }, (_, row) =>
    Object.fromEntries(names.map((name) => [name, plain(table.getChild(name)?.get(row))])),
  );
}

function plain(value: unknown): Scalar | null {
  if (typeof value === "bigint") return Number(value);
  return typeof value === "number" || typeof value === "string" || typeof value === "boolean" ? value : null;
}
