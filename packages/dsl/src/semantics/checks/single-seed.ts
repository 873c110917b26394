import { report } from "../../diagnostics/create-diagnostic.js";
import type { Gate } from "../gates/gate.js";
import type { OpenGateExpr, Operand } from "../gates/operand.js";
import type { Reporter } from "../reporter.js";

/** Closer than this to a tie, the spread between seeds decides. */
const TIGHT = 0.1;

/** KDP3311: two trainings compared on one seed are compared by luck as well. */
export function checkSingleSeed(gate: Gate, seedAxes: readonly string[], reporter: Reporter): void {
  const [first] = gate.instances;
  if (!first || !isTight(first.left, first.right)) return;
  const touched = [...first.left.touched, ...first.right.touched];
  if (seedAxes.some((axis) => touched.includes(axis))) return;
  const notes = ["give the pipeline a `matrix` over its seed, and compare `mean(… over seed)`"];
  reporter.add(report("KDP3311", {}, gate.ast.span, { notes }));
}

/** Metrics on both sides, and nothing but a factor near 1 between them. */
function isTight(left: Operand, right: Operand): boolean {
  const hasMetric = (operand: Operand) => operand.leaves.some(({ value }) => value.measure.kind === "metric");
  if (!hasMetric(left) || !hasMetric(right)) return false;
  return Math.abs(factorOf(right.expr) / factorOf(left.expr) - 1) <= TIGHT;
}

function factorOf(expr: OpenGateExpr): number {
  if (expr.kind !== "binary" || expr.op !== "*") return 1;
  if (expr.left.kind === "number") return expr.left.value * factorOf(expr.right);
  return expr.right.kind === "number" ? expr.right.value * factorOf(expr.left) : 1;
}
