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
  readonly members: readonly TeacherView[];
  readonly kernels: Kernels;
}

export interface EnsembleDefinition<S extends ParamSchemas = ParamSchemas>
  extends Omit<EnsembleFacts, "kind" | "params"> {
  readonly params: S;
  /** The crowd's ranking with its scores, best first. */
  combine(context: EnsembleContext<ParamsOf<S>>): RankingTable;
}
