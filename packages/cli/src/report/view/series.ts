import type { Cell } from "@kdp/dsl";
import type { ManifestNode, RunManifest } from "@kdp/runtime";
import { formatCell } from "../../text/format.js";
import { isModel, rolesOf, type StoryRole } from "./roles.js";
import { cellKey, seedAxes, withoutAxes } from "./seed-axes.js";

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
  const roles = rolesOf(manifest.nodes);
  const repeats = seedAxes(Object.keys(manifest.axes), manifest.nodes);
  const groups = new Map<string, { cell: Cell; role: StoryRole; nodes: ManifestNode[] }>();
  const evaluated = new Set(
    manifest.nodes.flatMap((node) => node.inputs.filter((input) => input.port === "model").map((input) => input.node)),
  );
  // A ranking or a `best_of` is a row too once somebody evaluates it.
  for (const node of manifest.nodes.filter((candidate) => isModel(candidate) || evaluated.has(candidate.id))) {
    const cell = withoutAxes(node.cell, repeats);
    const id = `${node.name} ${cellKey(cell)}`;
    const role = roles.get(node.id) ?? "model";
    const group = groups.get(id) ?? { cell, role: role === "step" ? "model" : role, nodes: [] };
    group.nodes.push(node);
    groups.set(id, group);
  }
  const sorted = [...groups.values()].sort((a, b) => ROLE_ORDER.indexOf(a.role) - ROLE_ORDER.indexOf(b.role));
  const used = new Map<StoryRole, number>();
  return sorted.map(({ cell, role, nodes }) => {
    const index = used.get(role) ?? 0;
    used.set(role, index + 1);
    const name = nodes[0]?.name ?? "";
    return { label: name + formatCell(cell), name, cell, role, nodes, color: colorOf(role, index) };
  });
}

function colorOf(role: StoryRole, index: number): string {
  if (role === "distilled" || role === "model") return `var(--s${(index % DISTILLED_COLORS) + 1})`;
  return `var(--${role}${(index % 3) + 1})`;
}
