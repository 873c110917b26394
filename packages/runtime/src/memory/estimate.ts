import type { PlanNode } from "@kdp/dsl";
import type { EstimateSource, NodeMemory } from "./node-memory.js";
import { PROCESS_BYTES } from "./stage-memory.js";

/** Highest resident memory of a node's process, as it is expected. */
export interface MemoryEstimate {
  /** Null when it is not known. */
  readonly bytes: number | null;
  /**
   * - `measured`: when the stored result was computed
   * - `data`: from the sizes of the data and the arguments
   * - `file`: from the size of a file that was not read yet
   * - `last-run`: measured in the last run of the node, with other arguments or data
   * - `unknown`
   */
  readonly basis: "measured" | "data" | "file" | "last-run" | "unknown";
  /** Why it is not known, or known from the last run only; null otherwise. */
  readonly why: string | null;
  /** Of it, bytes of tables under training: they lie in the kernels' memory, which ends at 4 GiB. */
  readonly tables: number;
}

/** What computing a node will take, measured if it was computed already. */
export function estimateOf(node: PlanNode, computed: NodeMemory, source: EstimateSource): MemoryEstimate {
  const measured = source.meta(node.id)?.peakRssBytes;
  if (measured !== undefined) return { bytes: measured, basis: "measured", why: null, tables: 0 };
  const told = computed.peak();
  if (typeof told !== "string") {
    const { ofFile, tables = 0 } = told;
    return { bytes: Math.round(PROCESS_BYTES + told.bytes), basis: ofFile ? "file" : "data", why: null, tables };
  }
  const last = source.lastPeak(node.id);
  const basis = last === null ? "unknown" : "last-run";
  return { bytes: last, basis, why: told, tables: 0 };
}
