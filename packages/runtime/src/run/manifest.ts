import type { Cell, LessonSpec, NodeKind, Origin, ParamValue, PlanInput, ResolvedParam, Scalar } from "@kdp/dsl";
import type { FaultData } from "../faults.js";
import type { MissReason } from "../keys/explain-miss.js";
import type { Facts } from "../store/artefact.js";
import type { PartOfPlan } from "./part-of-plan.js";

/** One evaluated epoch (or any epoch, without `valid:`) of a trained node; also there when the node was a hit. */
export interface CurvePoint {
  readonly epoch: number;
  /** Mean loss per batch-positive of each term: `base` and the losses by name. */
  readonly losses: Readonly<Record<string, number>>;
  /** Metrics on valid by key, such as `ndcg@10`; empty when not evaluated in this epoch. */
  readonly valid: Readonly<Record<string, number>>;
}

export type NodeStatus = "hit" | "ran" | "failed" | "skipped";

export interface ManifestNode {
  readonly id: string;
  readonly name: string;
  readonly aliases: readonly string[];
  readonly stage: string;
  readonly plugin: string;
  readonly kind: NodeKind;
  readonly cell: Cell;
  /** Hex content key; null when it could not be computed because an input failed. */
  readonly key: string | null;
  readonly status: NodeStatus;
  /** Of this run: 0 for a hit. */
  readonly seconds: number;
  /** Of the run that computed it; equals `seconds` when it ran now, null when it never did. */
  readonly computedSeconds: number | null;
  /** Processor time of the run that computed it, in seconds: user and system, all threads. Null when it never did. */
  readonly cpuSeconds: number | null;
  /** Threads that its kernels computed on in that run; null when it never did, or that was not noted. */
  readonly threads: number | null;
  readonly params: Readonly<Record<string, ParamValue>>;
  readonly origins: Readonly<Record<string, Origin>>;
  readonly lesson: LessonSpec | null;
  readonly inputs: readonly PlanInput[];
  /** What the artefact says about itself: `parameters`, `bytes`, `latencyMs` and so on. */
  readonly facts: Facts;
  readonly notes: readonly string[];
  readonly curve: readonly CurvePoint[];
  /** Why it failed; null otherwise. */
  readonly fault: FaultData | null;
  /** The failed node that made it be skipped, or `interrupted`; null otherwise. */
  readonly because: string | null;
  /** Why it ran: the first difference to the last run; null for a hit. */
  readonly reason: MissReason | null;
  /** Times it was tried in this run; 0 for a hit. */
  readonly attempts: number;
  /** Highest resident memory of its process when it was computed; null when it never was. */
  readonly peakRssBytes: number | null;
  /** What it trains on, or where its result was ranked if that was a device; null for any other node. */
  readonly device: string | null;
  /** Bytes of its tables in the store; null when it has no result. */
  readonly storedBytes: number | null;
  /** Digests of the files it read, by argument. */
  readonly files: Readonly<Record<string, { readonly path: string; readonly sha256: string }>>;
  /** Its log, relative to the run's folder; null when it did not run. */
  readonly log: string | null;
}

export interface ManifestMetric {
  /** Id of the evaluate node. */
  readonly node: string;
  readonly cell: Cell;
  readonly split: string;
  readonly metric: string;
  readonly cutoff: number | null;
  /** `all`, or a group of users or items such as `head`. */
  readonly group: string;
  readonly value: number;
  /** Present for `evaluate(snapshots: true)`. */
  readonly epoch?: number;
}

/**
 * A distilled student against its plain one, or two models that a gate compares, by the values of their users under one metric and
 * protocol.
 */
export interface ManifestSignificance {
  readonly split: string;
  /** Number of sampled candidates; null for all items. */
  readonly candidates: number | null;
  readonly metric: string;
  readonly cutoff: number | null;
  /** Names of the two models, and the cell of the first without its seeds. */
  readonly model: string;
  readonly baseline: string;
  readonly cell: Cell;
  /** Source of the gate that compares the two; absent where `baseline` is the plain student of `model`. */
  readonly gate?: string;
  /** Ids of the evaluate nodes, seed by seed. */
  readonly evaluations: readonly string[];
  readonly baselineEvaluations: readonly string[];
  /** Users with a value under both, and seeds of both. */
  readonly users: number;
  readonly seeds: number;
  /** Mean over users of the differences of their seed means. */
  readonly difference: number;
  /** Percentiles of a bootstrap crossed over users and seeds; `level` of the `draws` lie inside. */
  readonly interval: { readonly low: number; readonly high: number } | null;
  readonly draws: number;
  readonly level: number;
  /** Distilled students (or comparisons of gates) that are tested by this metric under this protocol: what `holm` adjusts for. */
  readonly methods: number;
  /** Paired t test of the users' differences; `statistic` is null when they are all the same. */
  readonly t: {
    readonly statistic: number | null;
    readonly degrees: number;
    readonly p: number;
    readonly holm: number | null;
  } | null;
  /** Wilcoxon's signed-rank test of them: sum of positive ranks, differences that are not zero. */
  readonly wilcoxon: {
    readonly statistic: number;
    readonly n: number;
    readonly exact: boolean;
    readonly p: number;
    readonly holm: number | null;
  } | null;
}

export type GateStatus = "passed" | "failed" | "warned" | "no-baseline" | "skipped";

export interface ManifestGate {
  readonly text: string;
  readonly message: string | null;
  readonly op: string;
  readonly onFailure: "fail" | "warn";
  /** The worst of its cells. */
  readonly status: GateStatus;
  /** Values in float64, unrounded; null when an operand is missing or not finite. */
  readonly cells: readonly {
    readonly cell: Cell;
    readonly left: number | null;
    readonly right: number | null;
    readonly status: GateStatus;
  }[];
}

export interface ManifestExport {
  readonly name: string;
  readonly cell: Cell;
  readonly node: string;
  readonly format: string;
  /** Relative to the run's folder. */
  readonly path: string;
  readonly bytes: number;
}

/** `manifest.json`: everything a report, a gate of a later run, or a person wants to know about a run. */
export interface RunManifest {
  readonly kdpManifest: 1;
  readonly run: string;
  readonly pipeline: string;
  readonly doc: string | null;
  /** The `.kdp` file, relative to the project root. */
  readonly file: string;
  readonly startedAt: string;
  readonly seconds: number;
  readonly exitCode: number;
  /** What the run was told to compute (`--only`), and how much of the pipeline that left out. */
  readonly part?: PartOfPlan;
  readonly params: readonly ResolvedParam[];
  readonly axes: Readonly<Record<string, readonly Scalar[]>>;
  readonly nodes: readonly ManifestNode[];
  readonly metrics: readonly ManifestMetric[];
  /** Distilled students against plain ones, and what gates compare; empty when the run was interrupted. */
  readonly significance: readonly ManifestSignificance[];
  readonly gates: readonly ManifestGate[];
  readonly exports: readonly ManifestExport[];
  /** Exports that a failing gate (or a failed node) held back, with the reason. */
  readonly blocked: readonly { readonly name: string; readonly cell: Cell; readonly because: string }[];
  readonly warnings: readonly { readonly code: string; readonly message: string; readonly place: string | null }[];
  readonly environment: {
    readonly kdp: string;
    readonly plugins: Readonly<Record<string, string>>;
    readonly node: string;
    readonly platform: string;
    readonly cpu: string;
    readonly cores: number;
    readonly memoryBytes: number;
    /** What `--device` came to; nodes may differ (`nodes[].device`). */
    readonly device: string;
    /** What it computes with, such as the name of a graphics card, and why it was taken. */
    readonly deviceFound: string;
    readonly deviceWhy: string;
    readonly jobs: number;
    /** The project's git commit, and whether tracked files differed from it. */
    readonly commit: { readonly id: string; readonly changed: boolean } | null;
  };
}
