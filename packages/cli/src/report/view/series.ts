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
  /** How often its colour was given away before: lines of one colour are told apart by their dashes. */
  readonly round: number;
}

const ROLE_ORDER: readonly StoryRole[] = ["teacher", "plain", "model", "distilled"];
/** Number of `--s1 … --sN` in the style sheet. */
const DISTILLED_COLORS = 8;

/** The models of a run, teachers first, distilled students last, otherwise in the order of the source. */
export function seriesOf(manifest: RunManifest): readonly Series[] {
  const sorted = [...groupSeries(manifest.nodes, manifest.axes)].sort(
    (a, b) => ROLE_ORDER.indexOf(a.role) - ROLE_ORDER.indexOf(b.role),
  );
  const used = new Map<string, number>();
  return sorted.map((group) => {
    const { name, count } = paletteOf(group.role);
    const index = used.get(name) ?? 0;
    used.set(name, index + 1);
    const color = `var(--${name}${(index % count) + 1})`;
    return { ...group, label: group.name + formatCell(group.cell), color, round: Math.floor(index / count) };
  });
}

/** Models that neither teach nor learn from a teacher share the students' colours. */
const paletteOf = (role: StoryRole) =>
  role === "distilled" || role === "model" ? { name: "s", count: DISTILLED_COLORS } : { name: role, count: 3 };
