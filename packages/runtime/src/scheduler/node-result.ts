import type { FaultData } from "../faults.js";
import type { NodeStatus } from "../run/manifest.js";
import type { ArtefactMeta } from "../store/artefact.js";

/** How a node of a run ended. */
export interface NodeResult {
  readonly status: NodeStatus;
  /** Of this run; 0 for a hit. */
  readonly seconds: number;
  /** Present for `hit` and `ran`. */
  readonly meta: ArtefactMeta | null;
  readonly fault: FaultData | null;
  /** Id of the failed node that this one depends on, or `interrupted`. */
  readonly because: string | null;
  readonly attempts: number;
  readonly peakRssBytes: number | null;
}

const none = { seconds: 0, meta: null, fault: null, because: null, attempts: 0, peakRssBytes: null } as const;

export const hitResult = (meta: ArtefactMeta): NodeResult => ({ ...none, status: "hit", meta });
export const skippedResult = (because: string): NodeResult => ({ ...none, status: "skipped", because });
