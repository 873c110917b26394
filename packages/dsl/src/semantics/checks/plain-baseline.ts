import { report } from "../../diagnostics/create-diagnostic.js";
import type { Node } from "../node-table.js";
import type { Reporter } from "../reporter.js";
import type { ResolvedArgument } from "../values.js";

/** KDP3309: whether distillation helps is known only beside the same student without a teacher. */
export function checkPlainBaselines(nodes: readonly Node[], reporter: Reporter): void {
  const plain = new Set(nodes.filter((node) => node.kind === "model" && !node.lesson).map(identity));
  for (const node of nodes) {
    if (!node.lesson || plain.has(identity(node))) continue;
    reporter.add(report("KDP3309", { name: node.name }, node.span));
  }
}

/** The call and its events; teachers and losses left out. */
const identity = (node: Node): string =>
  JSON.stringify([node.plugin, node.stage, valuesOf(node.params), eventsOf(node)]);

const valuesOf = (params: Readonly<Record<string, ResolvedArgument>>) =>
  Object.keys(params)
    .sort()
    .map((name) => [name, params[name]?.value]);

const eventsOf = (node: Node) =>
  node.inputs.flatMap(({ port, ref }) => (port === "events" ? [ref.node.index, ref.output] : []));
