import type { Cell, Origin, Scalar } from "@kdp/dsl";
import { isModel, rolesOf, type StoryNode, type StoryRole } from "./roles.js";
import { cellKey, seedAxes, withoutAxes } from "./seed-axes.js";

/** What grouping reads of a manifest's node. */
export type SeriesNode = StoryNode & {
  readonly cell: Cell;
  readonly origins: Readonly<Record<string, Origin>>;
};

export interface GroupedSeries<N extends SeriesNode> {
  readonly name: string;
  readonly role: Exclude<StoryRole, "step">;
  readonly cell: Cell;
  /** One per seed. */
  readonly nodes: readonly N[];
}

/** The models of a run, each with all its seeds, in the order of the source. */
export function groupSeries<N extends SeriesNode>(
  nodes: readonly N[],
  axes: Readonly<Record<string, readonly Scalar[]>>,
): readonly GroupedSeries<N>[] {
  const roles = rolesOf(nodes);
  const repeats = seedAxes(Object.keys(axes), nodes);
  const evaluated = new Set(
    nodes.flatMap((node) => node.inputs.filter((input) => input.port === "model").map((input) => input.node)),
  );
  const groups = new Map<string, { name: string; role: Exclude<StoryRole, "step">; cell: Cell; nodes: N[] }>();
  // A ranking or a `best_of` is a model too once somebody evaluates it.
  for (const node of nodes.filter((candidate) => isModel(candidate) || evaluated.has(candidate.id))) {
    const cell = withoutAxes(node.cell, repeats);
    const id = `${node.name} ${cellKey(cell)}`;
    const role = roles.get(node.id) ?? "model";
    const group = groups.get(id) ?? { name: node.name, cell, role: role === "step" ? "model" : role, nodes: [] };
    group.nodes.push(node);
    groups.set(id, group);
  }
  return [...groups.values()];
}
