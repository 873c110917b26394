import type { SourcePlace } from "../faults.js";

/** What a worker tells about the node it runs. */
export type NodeEvent =
  | {
      readonly type: "epoch";
      readonly epoch: number;
      readonly epochs: number;
      /** Mean loss per batch-positive of each term, `base` and the losses by name. */
      readonly losses: Readonly<Record<string, number>>;
      /** Metrics on valid, by key such as `ndcg@10`; empty when not evaluated in this epoch. */
      readonly valid: Readonly<Record<string, number>>;
      readonly seconds: number;
    }
  | { readonly type: "progress"; readonly done: number; readonly total: number; readonly what: string }
  | { readonly type: "note"; readonly text: string }
  | { readonly type: "resumed"; readonly epoch: number };

/** What a run tells its listeners (progress display, JSON lines, report). */
export type RunEvent =
  | {
      readonly type: "run-started";
      readonly run: string;
      readonly pipeline: string;
      readonly nodes: number;
      readonly folder: string;
    }
  /** A device that nodes of the run train or rank on, told once, before any of them. */
  | { readonly type: "device"; readonly device: string; readonly found: string; readonly why: string }
  | { readonly type: "node-hit"; readonly node: string }
  | { readonly type: "node-started"; readonly node: string; readonly worker: number; readonly attempt: number }
  | { readonly type: "node-event"; readonly node: string; readonly event: NodeEvent }
  | { readonly type: "node-finished"; readonly node: string; readonly seconds: number }
  | { readonly type: "node-waiting"; readonly node: string; readonly holder: string }
  | {
      readonly type: "node-failed";
      readonly node: string;
      readonly code: string;
      readonly message: string;
      /** Where the pipeline asks for the node, or for the argument that is to blame. */
      readonly at?: SourcePlace;
    }
  | { readonly type: "node-skipped"; readonly node: string; readonly because: string }
  | { readonly type: "gate"; readonly text: string; readonly status: string }
  | { readonly type: "export"; readonly name: string; readonly path: string; readonly bytes: number }
  | { readonly type: "run-finished"; readonly exitCode: number; readonly seconds: number };
