import { report } from "../../diagnostics/create-diagnostic.js";
import type { Node } from "../node-table.js";
import type { Reporter } from "../reporter.js";

/** KDP3308: a model in a list of teachers that the run would never train, because nothing reads it. */
export function checkDeadTeachers(nodes: readonly Node[], reachable: ReadonlySet<Node>, reporter: Reporter): void {
  for (const node of nodes) {
    if (node.kind !== "model" || reachable.has(node)) continue;
    const list = node.name.includes(".") ? node.name.slice(0, node.name.lastIndexOf(".")) : null;
    const siblings = nodes.filter((other) => list !== null && other.name.startsWith(`${list}.`));
    if (siblings.some((other) => reachable.has(other))) reporter.add(report("KDP3308", { name: node.name }, node.span));
  }
}
