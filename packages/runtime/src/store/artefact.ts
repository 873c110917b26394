import type { Scalar } from "@kdp/plugin-api";
import type { Table } from "apache-arrow";

/** Small facts beside the tables: numbers and names that a report or a check wants without opening a table. */
export type Facts = Readonly<
  Record<string, Scalar | null | readonly Scalar[] | Readonly<Record<string, Scalar | null>>>
>;

/** A file of an artefact, byte for byte. */
export interface StoredFile {
  readonly file: string;
  readonly bytes: number;
  readonly sha256: string;
}

/** `artefact.json` of a stored node. */
export interface ArtefactMeta {
  readonly kdpArtefact: 1;
  readonly key: string;
  readonly stage: string;
  /** Display name of the node that wrote it first. */
  readonly node: string;
  readonly facts: Facts;
  /** Lines for the report: duplicates dropped, ids that did not match. */
  readonly notes: readonly string[];
  readonly tables: readonly {
    readonly name: string;
    readonly file: string;
    readonly rows: number;
    readonly bytes: number;
    readonly sha256: string;
    /** Field names with Arrow types, for the check at the port. */
    readonly schema: readonly { readonly name: string; readonly type: string; readonly nullable: boolean }[];
  }[];
  /** Files that are no tables: those of an export. */
  readonly files?: readonly StoredFile[];
  readonly seconds: number;
  /** Processor time it took: user and system, all threads. */
  readonly cpuSeconds?: number;
  /** Threads that its kernels computed on: what was free then. Never part of a key, since results do not depend on it. */
  readonly threads?: number;
  readonly createdAt: string;
  /**
   * The rows of the small tables `metrics` and `curves` once more, so that a cached run needs to open no Arrow file.
   * A number that JSON cannot hold is null.
   */
  readonly rows?: Readonly<Record<string, readonly Readonly<Record<string, Scalar | null>>[]>>;
  /** Highest resident memory of the process while it computed this. */
  readonly peakRssBytes?: number;
  /** sha256 of the canonical JSON of all other fields. */
  readonly digest?: string;
}

/** A stored artefact, open for reading. Tables are read zero-copy from one buffer per file. */
export interface ArtefactReader {
  readonly meta: ArtefactMeta;
  readonly folder: string;
  has(table: string): boolean;
  /**
   * @param how `once`: the caller takes what it needs now, and nobody will ask for the table again while its columns are held
   * @throws RuntimeFault KDP8 when the table is missing or its digest differs.
   */
  table(name: string, how?: "once"): Table;
}

/** Collects the output of a node in a temporary folder; the store makes all of it visible at once, or nothing. */
export interface ArtefactWriter {
  table(name: string, table: Table): void;
  facts(facts: Facts): void;
  note(text: string): void;
}
