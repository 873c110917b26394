import type { InteractionTable } from "./interactions.js";
import type { SplitFacts } from "./manifest.js";
import type { ParamSchemas, ParamsOf } from "./params.js";
import type { Streams } from "./random.js";

/** Rows of the source table that go to each part; rows in none are dropped. */
export interface SplitRows {
  readonly train: Int32Array;
  readonly valid: Int32Array;
  readonly test: Int32Array;
  /** Lines for the report (users with one interaction, cold test items). */
  readonly notes: readonly string[];
}

export interface SplitDefinition<S extends ParamSchemas = ParamSchemas> extends Omit<SplitFacts, "kind" | "params"> {
  readonly params: S;
  /** `table` has no duplicate (user, item) pairs. `given_split` has `source: true` and is read by the engine itself. */
  split?(context: {
    readonly params: ParamsOf<S>;
    readonly table: InteractionTable;
    readonly streams: Streams;
  }): SplitRows;
}
