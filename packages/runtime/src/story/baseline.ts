import type { Cell } from "@kdp/dsl";
import type { StoryNode, StoryRole } from "./roles.js";
import { cellKey } from "./seed-axes.js";

/** One model of the pipeline with all its seeds. */
export interface StorySeries {
  readonly role: StoryRole;
  /** Without the seeds' axes. */
  readonly cell: Cell;
  /** One per seed. */
  readonly nodes: readonly Pick<StoryNode, "stage" | "params">[];
}

/**
 * The untaught model that a distilled student is held against: same stage, and the same arguments apart from those that
 * differ by seed. Where several plain students fit, one of the same matrix cell wins; a plain student with other
 * arguments (another width, say) is no baseline, because a difference to it would not be the teacher's doing.
 */
export function baselineOf<S extends StorySeries>(series: S, all: readonly S[]): S | null {
  if (series.role !== "distilled") return null;
  const node = series.nodes[0];
  if (!node) return null;
  const fitting = all.filter((other) => {
    const candidate = other.nodes[0];
    if (other.role !== "plain" || !candidate || candidate.stage !== node.stage) return false;
    return comparable(candidate.params) === comparable(node.params);
  });
  return fitting.find((other) => cellKey(other.cell) === cellKey(series.cell)) ?? fitting[0] ?? null;
}

function comparable(params: Readonly<Record<string, unknown>>): string {
  return JSON.stringify(
    Object.entries(params)
      .filter(([name]) => name !== "seed")
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  );
}
