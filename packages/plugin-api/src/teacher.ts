import type { TeacherFacts } from "./manifest.js";
import type { ParamSchemas, ParamsOf } from "./params.js";
import type { Side } from "./views.js";

/** A file as the engine read it: named columns of equal length, or named matrices. */
export interface FileTables {
  readonly columns: Readonly<Record<string, readonly (string | number | null)[] | Float32Array | Int32Array>>;
  readonly matrices: Readonly<
    Record<string, { readonly rows: number; readonly cols: number; readonly values: Float32Array }>
  >;
}

export interface TeacherTables {
  /** Scored pairs to be ranked, in rows of the universe. */
  readonly pairs?: {
    readonly user: Int32Array;
    readonly item: Int32Array;
    readonly score: Float32Array | Float64Array;
  };
  readonly embeddings?: Readonly<Record<Side, { readonly cols: number; readonly values: Float32Array } | null>>;
  /** Lines for the report: ids that did not match, duplicates … */
  readonly notes: readonly string[];
}

export interface TeacherDefinition<S extends ParamSchemas = ParamSchemas>
  extends Omit<TeacherFacts, "kind" | "params"> {
  readonly params: S;
  read(context: {
    readonly params: ParamsOf<S>;
    readonly users: number;
    readonly items: number;
    /** Row of a source id, -1 if the universe does not hold it. */
    rowOf(side: Side, id: string): number;
    /** Reads a file of any supported format. */
    file(path: string): Promise<FileTables>;
    /**
     * Reads a list of ids in its order: a text file with one id per line, a JSON array, or a JSON object with an array for
     * each side.
     */
    ids(path: string, side: Side): Promise<readonly string[]>;
  }): Promise<TeacherTables>;
}
