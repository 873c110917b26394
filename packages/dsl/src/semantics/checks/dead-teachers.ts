import { report } from "../../diagnostics/create-diagnostic.js";
import type { Node } from "../node-table.js";
import type { Reporter } from "../reporter.js";

/** KDP3308: a model in a list of teachers that the run would never train, because nothing reads it. */
export function checkDeadTeachers(nodes: readonly Node[], reachable: ReadonlySet<Node>, reporter: Reporter): void {
  const listOf = ({ name }: Node) => (name.includes(".") ? name.slice(0, name.lastIndexOf(".")) : null);
  const usedLists = new Set([...reachable].map(listOf));
  for (const node of nodes) {
    if (node.kind !== "model" || reachable.has(node)) continue;
    const list = listOf(node);
    if (list !== null && usedLists.has(list)) reporter.add(report("KDP3308", { name: node.name }, node.span));
  }
}
