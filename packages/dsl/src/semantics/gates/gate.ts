import { report } from "../../diagnostics/create-diagnostic.js";
import type { Cell } from "../../plan/plan.js";
import type { Expect } from "../../syntax/ast.js";
import { type Axes, cellKey, project, unite } from "../axes.js";
import { checkComparable } from "../checks/comparable-metrics.js";
import { checkSampledGate } from "../checks/sampled-gate.js";
import type { Frame, Session } from "../frame.js";
import { landingOf } from "../node-table.js";
import type { Lets } from "../pipeline/lets.js";
import { namesIn } from "../pipeline/references.js";
import { UNKNOWN } from "../values.js";
import { evaluateOperand, type OpenGateExpr, type Operand, sourceText } from "./operand.js";
import { commonUnit, unitName } from "./units.js";

export interface GateInstance {
  readonly cell: Cell;
  readonly left: Operand;
  readonly right: Operand;
}

export interface Gate {
  readonly ast: Expect;
  readonly text: string;
  readonly instances: readonly GateInstance[];
}

/** A gate in every cell of its free axes. */
export function evaluateGate(ast: Expect, lets: Lets, cells: readonly Cell[]): Gate {
  const landing = landingOf(`expect@${ast.span.start}`);
  const { session } = lets.frame(cells[0] ?? {}, landing);
  const axes = lets.axesThrough([...namesIn(ast.left), ...namesIn(ast.right)]);
  const instances = new Map<string, GateInstance>();
  let free: Axes | null = null;
  session.reporter.inCells(cells, axes, (cell) => {
    // Aggregates have looked into the other cells already.
    if (free && instances.has(cellKey(project(cell, free)))) return "same";
    const frame = lets.frame(cell, landing);
    const left = evaluateOperand(ast.left, frame);
    const right = evaluateOperand(ast.right, frame);
    session.nodes.land(landing, UNKNOWN, cell);
    if (!left || !right || !compares(ast, left, right, frame)) return undefined;
    checkComparable(ast, left, right, frame);
    checkSampledGate([...left.leaves, ...right.leaves], frame);
    free = unite(left.axes, right.axes);
    const own = project(cell, free);
    instances.set(cellKey(own), { cell: own, left, right });
    return undefined;
  });
  const text = sourceText({ ...ast.left.span, end: ast.right.span.end }, lets.frame(cells[0] ?? {}, landing));
  const gate = { ast, text, instances: [...instances.values()] };
  checkConstant(gate, session);
  return gate;
}

/** KDP4407 */
function compares(ast: Expect, left: Operand, right: Operand, frame: Frame): boolean {
  if (commonUnit(left.unit, right.unit)) return true;
  const params = { left: unitName(left.unit), right: unitName(right.unit) };
  const isSize = left.unit === "bytes" || right.unit === "bytes";
  const notes = isSize ? ["a size has a unit: `4MB`"] : [];
  frame.session.reporter.add(report("KDP4407", params, ast.opSpan, { notes }));
  return false;
}

/** KDP4406: a gate that no run can change. */
function checkConstant({ ast, instances }: Gate, { reporter }: Session): void {
  const outcomes = new Set<boolean>();
  for (const { left, right } of instances) {
    if (left.constant === null || right.constant === null) return;
    outcomes.add(holds(ast.op, left.constant, right.constant));
  }
  const [outcome] = outcomes;
  if (outcome === undefined) return;
  reporter.add(
    outcomes.size > 1
      ? report("KDP4406", {}, ast.span, { variant: "matrix" })
      : report("KDP4406", { outcome: String(outcome) }, ast.span),
  );
}

function holds(op: Expect["op"], a: number, b: number): boolean {
  switch (op) {
    case "<":
      return a < b;
    case "<=":
      return a <= b;
    case ">":
      return a > b;
    case ">=":
      return a >= b;
    case "==":
      return a === b;
    case "!=":
      return a !== b;
  }
}

/** Every metric, size or count in it. */
export function* leavesOf(expr: OpenGateExpr): Generator<Extract<OpenGateExpr, { kind: "leaf" }>> {
  switch (expr.kind) {
    case "leaf":
      yield expr;
      break;
    case "unary":
    case "baseline":
      yield* leavesOf(expr.operand);
      break;
    case "binary":
      yield* leavesOf(expr.left);
      yield* leavesOf(expr.right);
      break;
    case "aggregate":
      for (const item of expr.items) yield* leavesOf(item);
  }
}
