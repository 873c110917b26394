import type { MemoryFacts } from "./memory.js";
import type { ParamSchemas } from "./params.js";
import type { View } from "./views.js";

/** The version of the contract in this package; a manifest names the range it was written for. */
export const PLUGIN_API_VERSION = "1.0.0";

export type StageKind = "model" | "loss" | "ensemble" | "split" | "teacher" | "metric" | "export";

interface StageFacts {
  /** One paragraph: what it is and the paper it comes from. */
  readonly doc: string;
  readonly params: ParamSchemas;
  /** Raise it when the same arguments begin to give other results; it enters the cache key in place of the version. */
  readonly cacheVersion?: number;
}

export interface ModelFacts extends StageFacts {
  readonly kind: "model";
  /** Views without `snapshots`; `snapshots: n >= 2` adds `trajectory`. */
  readonly views: readonly View[];
  /** False for closed-form models, which cannot learn from a lesson. */
  readonly student: boolean;
  /** True when the model trains by gradient and takes the shared training arguments and `valid:`. */
  readonly trained: boolean;
  /** The argument that sets the width, compared by "student not smaller than teacher" (KDP3305). */
  readonly width?: string;
  /** What it holds in memory; without it `kdp plan` says that the memory of its nodes is not known. */
  readonly memory?: MemoryFacts;
  /** True when its scores are inner products of user and item factors (a scorer of kind `dot`): they can be served without its code. */
  readonly factors?: true;
  /** True when it has no TensorFlow.js form (`rowWise` or `tensors`): it trains on the CPU, whatever `--device` says. */
  readonly cpuOnly?: true;
}

export interface LossFacts extends StageFacts {
  readonly kind: "loss";
  /** Teacher views it reads. */
  readonly needs: readonly View[];
  /** `one`: a single teacher (or a crowd); `many`: the list of teachers itself. */
  readonly teachers: "one" | "many";
  /** Views the student must have; latent losses say `embeddings`. */
  readonly studentNeeds: readonly View[];
  /** Minimum ranking length as a sum of arguments, for KDP2221: e.g. `["interesting"]`. */
  readonly rankingLength?: readonly string[];
  /** Length of the ranking that `rank` is asked for when the compiler inserts it: an argument's name or a number. */
  readonly rankTop?: string | number;
  /** True when the loss also needs, for each item, the teacher's ranking of users. */
  readonly itemSide?: boolean;
  /** True when the teacher itself goes on learning: it must be a model trained by gradient. */
  readonly learningTeacher?: boolean;
  /** What it holds in memory beside the student and the teachers; without it, nothing to speak of. */
  readonly memory?: MemoryFacts;
  /** True when its plain form needs the CPU's kernels inside a step: a model that it teaches trains on the CPU. */
  readonly cpuOnly?: true;
}

export interface EnsembleFacts extends StageFacts {
  readonly kind: "ensemble";
  /** Views every member must have. */
  readonly needs: readonly View[];
  readonly views: readonly View[];
  /** How many items of each member's ranking are read: an argument's name. Default: its argument `top`. */
  readonly rankTop?: string;
}

export interface SplitFacts extends StageFacts {
  readonly kind: "split";
  /** True when the interactions need a time stamp column. */
  readonly needsTime?: boolean;
  /** `given_split` reads ready-made files and has no data set as input. */
  readonly source?: boolean;
}

/** A teacher read from files: `split.train -> ranking_file("t.parquet")`. */
export interface TeacherFacts extends StageFacts {
  readonly kind: "teacher";
  readonly views: readonly View[];
  /** The argument that may be written without its name. */
  readonly positional?: string;
}

export interface MetricFacts extends StageFacts {
  readonly kind: "metric";
  /** True when it is written with a cut-off: `ndcg@10`. */
  readonly cutoff: boolean;
  readonly higherIsBetter: boolean;
  /** True when it is made of clusters of users, which `evaluate(clusters: …)` gives. */
  readonly clusters?: true;
}

export interface ExportFacts extends StageFacts {
  readonly kind: "export";
  readonly needs: readonly View[];
  /** True when it writes only models that declare `factors`. */
  readonly factors?: true;
}

export type StageManifest =
  | ModelFacts
  | LossFacts
  | EnsembleFacts
  | SplitFacts
  | TeacherFacts
  | MetricFacts
  | ExportFacts;

/** Everything the compiler and the editor know about a plugin. It is data: reading it runs no plugin code. */
export interface PluginManifest {
  readonly kdpManifest: 1;
  readonly name: string;
  readonly version: string;
  /** Semver range of {@link PLUGIN_API_VERSION}. */
  readonly api: string;
  readonly stages: Readonly<Record<string, StageManifest>>;
  /** Other names of a stage, with the arguments they preset: `listwise` = `rrd(sampling: "none")`. */
  readonly aliases?: Readonly<
    Record<string, { readonly stage: string; readonly preset: Readonly<Record<string, string | number | boolean>> }>
  >;
}
