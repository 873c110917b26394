import type { LossFacts, Role, Scalar, View } from "@kdp/plugin-api";
import type { Span } from "../diagnostics/diagnostic.js";
import type { Signature } from "../library/signature.js";
import type { LossSpec, Origin, ParamValue, RunSpec } from "../plan/plan.js";
import type { Arg, Expr } from "../syntax/ast.js";
import type { Axes } from "./axes.js";
import type { StageDecl } from "./files.js";
import type { Node } from "./node-table.js";

/** What an expression denotes in one cell of the matrix. */
export type Value =
  | Unknown
  | LiteralValue
  | MetricValue
  | LossValue
  | CallableValue
  | MacroValue
  | NamespaceValue
  | StageValue
  | ListValue
  | RefValue
  | LessonValue
  | MeasureValue
  | ArtifactValue;

/** Something is wrong with it, and that has been reported: it has every type and causes no further message. */
export interface Unknown {
  readonly kind: "unknown";
}

export const UNKNOWN: Unknown = { kind: "unknown" };

export type LiteralType = "int" | "float" | "bool" | "string" | "duration" | "bytes";

export interface LiteralValue {
  readonly kind: "literal";
  readonly type: LiteralType;
  /** Seconds of a duration, bytes of a size. */
  readonly value: Scalar;
  /** As written. */
  readonly text: string;
  readonly origin: Origin;
  readonly axes: Axes;
  /** Folder that a path starts from; null for the working directory. */
  readonly base: string | null;
}

export interface MetricValue {
  readonly kind: "metric";
  /** `ndcg@10`; a metric of a plugin carries its package: `@acme/x:niche@10`. */
  readonly key: string;
  readonly cutoff: number | null;
  readonly axes: Axes;
}

export interface LossValue {
  readonly kind: "loss";
  readonly callee: string;
  readonly calleeSpan: Span;
  readonly spec: LossSpec;
  readonly facts: LossFacts;
  readonly call: BoundCall;
  readonly axes: Axes;
}

/** A stage of a catalogue, not called yet. Where a stage or a setting is expected it is a call with defaults. */
export interface CallableValue {
  readonly kind: "callable";
  readonly name: string;
  readonly signature: Signature;
}

/** A `stage` of a file, not called yet. */
export interface MacroValue {
  readonly kind: "macro";
  readonly name: string;
  readonly decl: StageDecl;
}

/** The alias of a `use`. */
export interface NamespaceValue {
  readonly kind: "namespace";
  readonly alias: string;
}

/** Calls whose primary input is still open, first to last. */
export interface StageValue {
  readonly kind: "stage";
  readonly steps: readonly Step[];
  readonly axes: Axes;
}

/** One arrow: a call, a list of stages that all take what comes in, or stages in a row that `each` applies to as one. */
export interface Step {
  readonly target: BoundCall | ListValue | StageValue;
  readonly each: boolean;
  /** Place of the target. */
  readonly span: Span;
  /** Null for the first one. */
  readonly arrow: Span | null;
}

export interface ListElement {
  readonly label: string | null;
  readonly value: Value;
  readonly span: Span;
}

export interface ListValue {
  readonly kind: "list";
  readonly elements: readonly ListElement[];
  readonly axes: Axes;
  /** Set on the value of a param. */
  readonly origin?: Origin;
}

/** An output of a node. */
export interface RefValue {
  readonly kind: "ref";
  readonly node: Node;
  readonly output: string | null;
  readonly type: RefType;
  readonly axes: Axes;
}

export type EventsRef = RefValue & { readonly type: EventsType };

export type TeacherRef = RefValue & { readonly type: TeacherType };

export interface DatasetType {
  readonly kind: "Dataset";
  readonly universe: string;
}

export interface SplitType {
  readonly kind: "Split";
  readonly universe: string;
  /** The parts that it has; ready-made splits may lack one. */
  readonly parts: readonly Exclude<Role, "all">[];
}

export interface EventsType {
  readonly kind: "Events";
  readonly universe: string;
  readonly role: Role;
}

export interface TeacherType {
  readonly kind: "Model" | "Crowd" | "Teacher" | "Ranking";
  readonly universe: string;
  readonly views: readonly View[];
  /** Length of its rankings where that is known. */
  readonly length: number | null;
  /** Width of the widest member. */
  readonly width: number | null;
  /** True for a model whose scores are inner products of user and item factors. */
  readonly factors?: boolean;
  /** Distinct events that it or its members learned from. */
  readonly learnedFrom: readonly EventsRef[];
  /** The same with those that its teachers learned from: what a teacher saw, its student was told. */
  readonly seen: readonly EventsRef[];
  /** Members are models trained by gradient. */
  readonly trained: boolean;
  /** The call of `rank` that left the other views behind, and its place in the chain. */
  readonly ranked: { readonly call: BoundCall; readonly span: Span; readonly arrow: Span | null } | null;
}

/** Made by the compiler alone: nothing in the language has this type. */
export interface ClustersType {
  readonly kind: "Clusters";
  readonly universe: string;
}

export interface MetricsType {
  readonly kind: "Metrics";
  readonly universe: string;
  readonly keys: readonly string[];
  readonly role: Role;
  /** The held-out events. */
  readonly on: EventsRef;
  /** Number of sampled candidates, null for all items; and their stream. */
  readonly candidates: number | null;
  readonly candidateSeed: number;
}

export type RefType = DatasetType | SplitType | EventsType | TeacherType | ClustersType | MetricsType;

export interface LessonValue {
  readonly kind: "lesson";
  readonly universe: string;
  readonly teachers: readonly { readonly label: string | null; readonly ref: TeacherRef }[];
  /** One for each teacher, when a loss reads rankings. */
  readonly rankings: readonly TeacherRef[] | null;
  readonly losses: readonly LossValue[];
  readonly on: EventsRef;
  readonly baseWeight: number;
  readonly baseWeightOrigin: Origin;
  readonly call: BoundCall;
  readonly axes: Axes;
}

/** A number that exists after the run: a metric, or a size of a model. */
export interface MeasureValue {
  readonly kind: "measure";
  readonly ref: RefValue;
  readonly measure:
    | { readonly kind: "metric"; readonly key: string }
    | { readonly kind: "attribute"; readonly name: "bytes" | "parameters" };
  readonly axes: Axes;
}

export interface ArtifactValue {
  readonly kind: "artifact";
  readonly model: RefValue;
  readonly formats: readonly { readonly name: string; readonly plugin: string }[];
  readonly card: boolean;
  readonly axes: Axes;
}

/** An argument after defaults. */
export interface ResolvedArgument {
  readonly value: ParamValue;
  readonly origin: Origin;
  readonly axes: Axes;
  /** Place of the value; null when it is a default. */
  readonly span: Span | null;
  readonly base: string | null;
}

/** A call with its arguments checked, waiting for its primary input if it has one. */
export interface BoundCall {
  readonly kind: "call";
  readonly signature: Signature;
  /** As written: `listwise`, `topo.hierarchical`. */
  readonly callee: string;
  readonly calleeSpan: Span;
  readonly span: Span;
  /** Arguments as they stand in the source; null for a bare name. */
  readonly written: readonly Arg[] | null;
  readonly params: Readonly<Record<string, ResolvedArgument>>;
  readonly ports: Readonly<Record<string, { readonly value: EventsRef; readonly expr: Expr }>>;
  /** Secondary inputs that take a teacher. */
  readonly teacherPorts: Readonly<Record<string, { readonly value: TeacherRef; readonly expr: Expr }>>;
  readonly losses: readonly LossValue[];
  readonly axes: Axes;
  readonly run: RunSpec;
}

export const isTeacher = (type: RefType): type is TeacherType =>
  type.kind === "Model" || type.kind === "Crowd" || type.kind === "Teacher" || type.kind === "Ranking";

/** A stage, or a list of which at least one element is one: it waits for an input. */
export function isOpen(value: Value): boolean {
  if (value.kind === "stage") return true;
  return value.kind === "list" && value.elements.some((element) => isOpen(element.value));
}

/** True when something in it was reported already. */
export function isUnknown(value: Value): value is Unknown {
  return value.kind === "unknown" || (value.kind === "list" && value.elements.some((e) => isUnknown(e.value)));
}

export function axesOf(value: Value): Axes {
  return "axes" in value ? value.axes : [];
}
