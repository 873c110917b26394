import type { Role, Scalar, StageKind, View } from "@kdp/plugin-api";
import type { Span } from "../diagnostics/diagnostic.js";

export type { Scalar };

/** A literal of a matrix cell, by axis name; `{}` for a node that no axis reaches. */
export type Cell = Readonly<Record<string, Scalar>>;

/** An argument after defaults. A metric is written `ndcg@10`; `null` is an optional argument that is off. */
export type ParamValue = Scalar | null | readonly ParamValue[];

/** Where a resolved value came from: shown in the report, never part of a key. */
export type Origin =
  | { readonly kind: "default"; readonly plugin: string }
  | { readonly kind: "preset"; readonly alias: string }
  | { readonly kind: "source"; readonly span: Span }
  | { readonly kind: "param"; readonly param: string; readonly value: "default" | "file" | "set" | "cell" };

/** A loss inside a lesson. */
export interface LossSpec {
  readonly stage: string;
  readonly plugin: string;
  readonly params: Readonly<Record<string, ParamValue>>;
  readonly origins: Readonly<Record<string, Origin>>;
}

/** What a student is taught: the normalised form of `distill(...)`, part of the student's key. */
export interface LessonSpec {
  readonly losses: readonly LossSpec[];
  readonly baseWeight: number;
  /** Where `base_weight` came from; absent in manifests of earlier versions. */
  readonly baseWeightOrigin?: Origin;
}

export interface PlanInput {
  /**
   * Name of the port.
   * - split: `dataset`; file teacher: `events`
   * - model: `events` (the train events it learns from, also when distilled: the lesson's `on:`), `valid`, and for a student
   *   `teachers` (list) and `rankings` (list, aligned with `teachers`; present when a loss needs rankings: the inserted or
   *   written `rank` node, or the teacher itself when it is a ranking or a crowd)
   * - rank, clusters: `teacher`; ensemble: `teachers` (list); evaluate: `model`, `on`, and `clusters` where it has them
   * - best_of: `candidates` (list) and `by` (list of metrics nodes, aligned with `candidates`)
   */
  readonly port: string;
  /** Position in a list port, with its label; null for a single port. */
  readonly index: number | null;
  readonly label: string | null;
  /** Id of the producing node. */
  readonly node: string;
  /** Named output of a bundle: `train`, `valid`, `test`; null for the node's only output. */
  readonly output: string | null;
}

/** A file that a node reads; the runtime digests it into the key. */
export interface FileRef {
  readonly param: string;
  /** As written: a path relative to `base`, or `npm:<package>/<file>`. */
  readonly path: string;
  /** Folder that a relative path starts from: that of the `.kdp` file, or null for the working directory (`--set`). */
  readonly base: string | null;
}

/** Execution wishes of `@run`; never part of a key (except `device`, through its numeric class). */
export interface RunSpec {
  readonly gpu?: number;
  readonly memoryBytes?: number;
  readonly timeoutSeconds?: number;
  readonly retries?: number;
  readonly device?: string;
}

/** `core` for the stages that live in the runtime: dataset, rank, clusters, evaluate, best_of. */
export type NodeKind = StageKind | "core";

export type NodeType =
  | { readonly kind: "Dataset" }
  | { readonly kind: "Split" }
  | {
      readonly kind: "Model" | "Crowd" | "Teacher" | "Ranking";
      readonly views: readonly View[];
      readonly rankingLength?: number;
    }
  | { readonly kind: "Clusters" }
  | { readonly kind: "Metrics"; readonly keys: readonly string[]; readonly role: Role };

export interface PlanNode {
  /** Display name with its cell: `kd[seed=0,dim=8]`. Unique in the plan. */
  readonly id: string;
  /** `kd`, `teachers.mf`, inner nodes `kd/rank`. */
  readonly name: string;
  /** Other names of the same computation, each with its cell, as in `id`. */
  readonly aliases: readonly string[];
  readonly stage: string;
  readonly plugin: string;
  readonly kind: NodeKind;
  readonly type: NodeType;
  readonly cell: Cell;
  readonly params: Readonly<Record<string, ParamValue>>;
  readonly origins: Readonly<Record<string, Origin>>;
  /** Present on students. */
  readonly lesson: LessonSpec | null;
  readonly inputs: readonly PlanInput[];
  readonly files: readonly FileRef[];
  readonly run: RunSpec;
  readonly span: Span;
}

/** A side of a gate with every name resolved to a node of its cell. */
export type GateExpr =
  | { readonly kind: "number"; readonly value: number; readonly text: string }
  /** `key` is `ndcg@10`. */
  | { readonly kind: "metric"; readonly node: string; readonly key: string }
  | { readonly kind: "attribute"; readonly node: string; readonly attribute: "bytes" | "parameters" }
  | { readonly kind: "unary"; readonly op: "-"; readonly operand: GateExpr }
  | { readonly kind: "binary"; readonly op: "+" | "-" | "*" | "/"; readonly left: GateExpr; readonly right: GateExpr }
  | {
      readonly kind: "aggregate";
      readonly fn: "mean" | "median" | "min" | "max" | "stddev";
      readonly items: readonly GateExpr[];
    }
  | { readonly kind: "baseline"; readonly operand: GateExpr; readonly text: string };

export interface PlanGate {
  /** The source of the comparison, white space folded. */
  readonly text: string;
  readonly op: "<" | "<=" | ">" | ">=" | "==" | "!=";
  readonly onFailure: "fail" | "warn";
  readonly message: string | null;
  readonly span: Span;
  readonly instances: readonly { readonly cell: Cell; readonly left: GateExpr; readonly right: GateExpr }[];
}

export interface PlanExport {
  readonly name: string;
  readonly instances: readonly { readonly cell: Cell; readonly node: string }[];
  readonly formats: readonly { readonly name: string; readonly plugin: string }[];
  readonly card: boolean;
  readonly span: Span;
}

export interface ResolvedParam {
  readonly name: string;
  readonly type: string;
  readonly doc: string | null;
  /** Null when a matrix axis gives the value. */
  readonly value: ParamValue;
  readonly origin: Origin | null;
}

/** The finite DAG of one pipeline. Nodes are in a topological order that follows the source. */
export interface Plan {
  readonly pipeline: string;
  readonly doc: string | null;
  readonly params: readonly ResolvedParam[];
  readonly axes: Readonly<Record<string, readonly Scalar[]>>;
  readonly cells: readonly Cell[];
  readonly nodes: readonly PlanNode[];
  readonly gates: readonly PlanGate[];
  readonly exports: readonly PlanExport[];
  /** Nodes of type Metrics bound by a `let` (roots), and those that gates and exports read. */
  readonly roots: readonly string[];
}
