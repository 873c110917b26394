import { didYouMean, type GateExpr, type Plan, type PlanNode } from "@kdp/dsl";
import { RuntimeFault } from "../faults.js";

/** What `--only` left of a pipeline. */
export interface PartOfPlan {
  /** As typed. */
  readonly only: readonly string[];
  /** Of the whole pipeline, less those of the part. */
  readonly leftOut: { readonly nodes: number; readonly gates: number; readonly exports: number };
}

/**
 * The named nodes of a plan with all that they need, in the plan's order. Gates stay where every node they read is among
 * these. Exports go: a model must not be published past gates that were not judged.
 *
 * A name is a node's (`scores.kd`: every cell of it; `scores.kd[seed=0]`: one), another name of the same computation, the
 * name of a list (`scores`: all its members), or that of an export (the models it would publish).
 *
 * @throws RuntimeFault KDP5515 for a name that is none of these
 */
export function partOfPlan(plan: Plan, only: readonly string[]): { readonly plan: Plan; readonly part: PartOfPlan } {
  const kept = withInputs(plan.nodes, new Set(only.flatMap((name) => idsOf(plan, name))));
  const nodes = plan.nodes.filter(({ id }) => kept.has(id));
  const gates = plan.gates.flatMap((gate) => {
    const instances = gate.instances.filter(({ left, right }) =>
      [...nodesOf(left), ...nodesOf(right)].every((id) => kept.has(id)),
    );
    return instances.length === 0 ? [] : [{ ...gate, instances }];
  });
  return {
    plan: { ...plan, nodes, gates, exports: [], roots: plan.roots.filter((id) => kept.has(id)) },
    part: {
      only,
      leftOut: {
        nodes: plan.nodes.length - nodes.length,
        gates: plan.gates.length - gates.length,
        exports: plan.exports.length,
      },
    },
  };
}

const withoutCell = (id: string): string => id.replace(/\[.*$/, "");

const namesOf = (node: PlanNode): readonly string[] => [node.id, ...node.aliases];

function idsOf(plan: Plan, name: string): readonly string[] {
  const exported = plan.exports.filter((entry) => entry.name === name).flatMap(({ instances }) => instances);
  const ids = plan.nodes
    .filter((node) => namesOf(node).some((id) => id === name || withoutCell(id) === name || id.startsWith(`${name}.`)))
    .map(({ id }) => id);
  const found = [...ids, ...exported.map(({ node }) => node)];
  if (found.length === 0) throw unknown(plan, name);
  return found;
}

function withInputs(nodes: readonly PlanNode[], wanted: ReadonlySet<string>): ReadonlySet<string> {
  const kept = new Set(wanted);
  // Producers stand before consumers, so one pass from the end reaches them all.
  for (const { id, inputs } of [...nodes].reverse()) if (kept.has(id)) for (const { node } of inputs) kept.add(node);
  return kept;
}

function nodesOf(expression: GateExpr): readonly string[] {
  switch (expression.kind) {
    case "number":
      return [];
    case "metric":
    case "attribute":
      return [expression.node];
    case "unary":
    case "baseline":
      return nodesOf(expression.operand);
    case "binary":
      return [...nodesOf(expression.left), ...nodesOf(expression.right)];
    case "aggregate":
      return expression.items.flatMap(nodesOf);
  }
}

/** More names than this are a list that nobody reads. */
const SHOWN = 12;

function unknown(plan: Plan, name: string): RuntimeFault {
  const cells = plan.nodes.flatMap(namesOf);
  const names = [...new Set([...cells.map(withoutCell), ...plan.exports.map((entry) => entry.name)])];
  const near = didYouMean(name, name.includes("[") ? cells : names);
  const bare = withoutCell(name);
  const known = name !== bare && names.includes(bare);
  const told = known ? cells.filter((id) => withoutCell(id) === bare) : names.filter((each) => !each.includes("/"));
  const more = told.length > SHOWN ? `, … (${told.length} in all: kdp plan lists them)` : "";
  return new RuntimeFault({
    code: "KDP5515",
    kind: "user",
    message: `the pipeline ${plan.pipeline} has no node "${name}"${near === null ? "" : `; did you mean ${near}?`}`,
    place: `--only ${name}`,
    fix: `name one of: ${told.slice(0, SHOWN).join(", ")}${more}`,
  });
}
