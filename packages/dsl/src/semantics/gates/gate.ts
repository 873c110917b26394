import { report } from "../../diagnostics/create-diagnostic.js";
import type { Cell } from "../../plan/plan.js";
import type { Expect } from "../../syntax/ast.js";
import { cellKey, project, unite } from "../axes.js";
import { checkComparable } from "../checks/comparable-metrics.js";
import { checkSampledGate } from "../checks/sampled-gate.js";
import type { Frame } from "../frame.js";
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
export function evaluateGate(ast: Expect, frame: Frame): Gate {
  const instances = new Map<string, GateInstance>();
  for (const cell of frame.session.cells) {
    const there = frame.at(cell);
    frame.session.reporter.nextEvaluation();
    const left = evaluateOperand(ast.left, there);
    const right = evaluateOperand(ast.right, there);
    if (!left || !right || !compares(ast, left, right, there)) continue;
    checkComparable(ast, left, right, there);
    checkSampledGate([...left.leaves, ...right.leaves], there);
    const own = project(cell, unite(left.axes, right.axes));
    if (!instances.has(cellKey(own))) instances.set(cellKey(own), { cell: own, left, right });
  }
  const gate = {
    ast,
    text: sourceText({ ...ast.left.span, end: ast.right.span.end }, frame),
    instances: [...instances.values()],
  };
  checkConstant(gate, frame);
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
function checkConstant({ ast, instances }: Gate, frame: Frame): void {
  const outcomes = new Set<boolean>();
  for (const { left, right } of instances) {
    if (left.constant === null || right.constant === null) return;
    outcomes.add(holds(ast.op, left.constant, right.constant));
  }
  const [outcome] = outcomes;
  if (outcome === undefined) return;
  frame.session.reporter.add(
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
