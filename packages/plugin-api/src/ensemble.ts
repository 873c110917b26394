import type { Interactions } from "./interactions.js";
import type { Kernels } from "./kernels.js";
import type { RankingTable, TeacherView } from "./loss.js";
import type { EnsembleFacts } from "./manifest.js";
import type { ParamSchemas, ParamsOf } from "./params.js";

export interface EnsembleContext<P> {
  readonly params: P;
  readonly users: number;
  readonly items: number;
  readonly train: Interactions;
  /** Each with `ranking` (as long as {@link EnsembleFacts.rankTop} says) and `scores`, and `trajectory` where it has one. */
  readonly members: readonly TeacherView[];
  readonly kernels: Kernels;
}

export interface EnsembleDefinition<S extends ParamSchemas = ParamSchemas>
  extends Omit<EnsembleFacts, "kind" | "params"> {
  readonly params: S;
  /** The crowd's ranking with its scores, best first, training items left out; -1 past the end of a short list. */
  combine(context: EnsembleContext<ParamsOf<S>>): RankingTable;
}
