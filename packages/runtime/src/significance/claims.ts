import type { GateExpr, PlanGate } from "@kdp/dsl";

/** Two models that a gate compares by one metric, named by evaluations of theirs: `better` is to stand above `other`. */
export interface Claim {
  /** Source of the gate. */
  readonly gate: string;
  /** `ndcg@10` */
  readonly key: string;
  /** Ids of evaluations, one for each cell that the gate reads. */
  readonly better: readonly string[];
  readonly other: readonly string[];
}

interface Side {
  readonly key: string;
  readonly nodes: readonly string[];
}

/**
 * The gates that compare two models: a metric, or its mean, on either side, or the difference of two against a number. A side with
 * a factor or a sum says nothing that a test of the difference could answer.
 */
export function claimsOf(gates: readonly PlanGate[]): readonly Claim[] {
  return gates.flatMap(({ text, op, instances }) => {
    if (op === "==" || op === "!=") return [];
    return instances.flatMap(({ left, right }): Claim[] => {
      const sides = sidesOf(left, right);
      if (!sides || sides[0].key !== sides[1].key) return [];
      const [better, other] = op.startsWith(">") ? sides : [sides[1], sides[0]];
      return [{ gate: text, key: better.key, better: better.nodes, other: other.nodes }];
    });
  });
}

function sidesOf(left: GateExpr, right: GateExpr): readonly [Side, Side] | null {
  const gap = left.kind === "binary" && left.op === "-" && right.kind === "number" ? left : null;
  const [a, b] = gap ? [measured(gap.left), measured(gap.right)] : [measured(left), measured(right)];
  return a && b ? [a, b] : null;
}

function measured(expr: GateExpr): Side | null {
  if (expr.kind === "metric") return { key: expr.key, nodes: [expr.node] };
  if (expr.kind !== "aggregate" || expr.fn !== "mean") return null;
  const items = expr.items.map(measured);
  const [first] = items;
  if (!first || items.some((item) => item?.key !== first.key)) return null;
  return { key: first.key, nodes: items.flatMap((item) => item?.nodes ?? []) };
}
