import type { Cell } from "@kdp/dsl";
import type { ManifestNode, RunManifest } from "@kdp/runtime";
import { groupSeries, type StoryRole } from "@kdp/runtime/story";
import { formatCell } from "../../text/format.js";

/** One model of the pipeline with all its seeds: a row of the tables, a colour of the charts. */
export interface Series {
  /** `kd`, or `kd[dim=8]` where an axis other than a seed reaches it. */
  readonly label: string;
  readonly name: string;
  readonly cell: Cell;
  readonly role: StoryRole;
  /** The nodes, one per seed. */
  readonly nodes: readonly ManifestNode[];
  /** CSS colour; the same for this series all over the report. */
  readonly color: string;
}

const ROLE_ORDER: readonly StoryRole[] = ["teacher", "plain", "model", "distilled"];
/** Number of `--s1 … --sN` in the style sheet. */
const DISTILLED_COLORS = 8;

/** The models of a run, teachers first, distilled students last, otherwise in the order of the source. */
export function seriesOf(manifest: RunManifest): readonly Series[] {
  const sorted = [...groupSeries(manifest.nodes, manifest.axes)].sort(
    (a, b) => ROLE_ORDER.indexOf(a.role) - ROLE_ORDER.indexOf(b.role),
  );
  const used = new Map<StoryRole, number>();
  return sorted.map((group) => {
    const index = used.get(group.role) ?? 0;
    used.set(group.role, index + 1);
    return { ...group, label: group.name + formatCell(group.cell), color: colorOf(group.role, index) };
  });
}

function colorOf(role: StoryRole, index: number): string {
  if (role === "distilled" || role === "model") return `var(--s${(index % DISTILLED_COLORS) + 1})`;
  return `var(--${role}${(index % 3) + 1})`;
}
