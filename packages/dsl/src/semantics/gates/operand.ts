import { report } from "../../diagnostics/create-diagnostic.js";
import type { Span } from "../../diagnostics/diagnostic.js";
import type { GateExpr } from "../../plan/plan.js";
import type { Binary, Call, Expr } from "../../syntax/ast.js";
import { type Axes, unite } from "../axes.js";
import { evaluateSettled } from "../evaluate.js";
import type { Frame } from "../frame.js";
import { endOf } from "../places.js";
import { typeName } from "../type-names.js";
import type { LiteralValue, MeasureValue, RefValue } from "../values.js";
import { evaluateAggregate, isAggregate } from "./aggregate.js";
import { commonUnit, productUnit, quotientUnit, type Unit, unitName } from "./units.js";

/** A metric, size or count that a gate reads. */
export interface Leaf {
  readonly value: MeasureValue;
  readonly span: Span;
  /** Read from the baseline, not from this run. */
  readonly baseline: boolean;
}

/** A side of a gate, or a part of one, in one cell. */
export interface Operand {
  readonly unit: Unit;
  /** Axes that are still free. */
  readonly axes: Axes;
  /** Axes that it ranged over, free or closed. */
  readonly touched: Axes;
  readonly leaves: readonly Leaf[];
  /** Its value, when nothing of a run is in it. */
  readonly constant: number | null;
  /** Id-free form; node ids are filled in when all nodes have names. */
  readonly expr: OpenGateExpr;
}

/** A {@link GateExpr} that still holds references in place of node ids. */
export type OpenGateExpr =
  | { readonly kind: "number"; readonly value: number; readonly text: string }
  | { readonly kind: "leaf"; readonly value: MeasureValue }
  | { readonly kind: "unary"; readonly operand: OpenGateExpr }
  | { readonly kind: "binary"; readonly op: Binary["op"]; readonly left: OpenGateExpr; readonly right: OpenGateExpr }
  | {
      readonly kind: "aggregate";
      readonly fn: Extract<GateExpr, { kind: "aggregate" }>["fn"];
      readonly items: readonly OpenGateExpr[];
    }
  | { readonly kind: "baseline"; readonly operand: OpenGateExpr; readonly text: string };

/** A number of a gate in the cell of the frame; null when something was reported. */
export function evaluateOperand(expr: Expr, frame: Frame): Operand | null {
  switch (expr.kind) {
    case "missing":
      return null;
    case "binary":
      return evaluateBinary(expr, frame);
    case "unary": {
      const operand = evaluateOperand(expr.operand, frame);
      if (!operand || expr.op === "+") return operand;
      const constant = operand.constant === null ? null : -operand.constant;
      return { ...operand, constant, expr: { kind: "unary", operand: operand.expr } };
    }
    case "call":
      if (isAggregate(expr, frame)) return evaluateAggregate(expr, frame);
      if (isBaseline(expr, frame)) return evaluateBaseline(expr, frame);
      break;
  }
  const value = evaluateSettled(expr, frame);
  if (value.kind === "measure") return leafOf(value, expr.span);
  if (value.kind === "literal" && typeof value.value === "number") return numberOf(value, value.value);
  if (value.kind === "ref" && (value.type.kind === "Metrics" || value.type.kind === "Model")) {
    reportNoMetric(value, expr, frame);
  } else if (value.kind !== "unknown") {
    const params = { expected: "a metric or a number", actual: typeName(value) };
    frame.session.reporter.add(report("KDP2203", params, expr.span));
  }
  return null;
}

function leafOf(value: MeasureValue, span: Span): Operand {
  const { measure, axes } = value;
  const unit: Unit = measure.kind === "metric" ? "metric" : measure.name === "bytes" ? "bytes" : "count";
  const leaves = [{ value, span, baseline: false }];
  return { unit, axes, touched: axes, leaves, constant: null, expr: { kind: "leaf", value } };
}

function numberOf({ type, text, axes }: LiteralValue, value: number): Operand {
  const unit: Unit = type === "bytes" || type === "duration" ? type : "number";
  return { unit, axes, touched: axes, leaves: [], constant: value, expr: { kind: "number", value, text } };
}

/** KDP4408: metrics and models are no numbers; one of their members is. */
function reportNoMetric({ type }: RefValue, expr: Expr, frame: Frame): void {
  const members = type.kind === "Metrics" ? type.keys : ["bytes", "parameters"];
  const [only] = members;
  const fixes =
    members.length === 1 && only
      ? [{ title: `write \`.${only}\``, edits: [{ span: endOf(expr.span), text: `.${only}` }] }]
      : [];
  const notes = members.length > 1 ? [`name one of: ${members.map((member) => `\`.${member}\``).join(", ")}`] : [];
  if (type.kind === "Model") notes.push("for a metric, measure the model with `evaluate` first");
  frame.session.reporter.add(report("KDP4408", {}, expr.span, { fixes, notes }));
}

function evaluateBinary(expr: Binary, frame: Frame): Operand | null {
  const left = evaluateOperand(expr.left, frame);
  const right = evaluateOperand(expr.right, frame);
  if (!left || !right) return null;
  const rule = expr.op === "*" ? productUnit : expr.op === "/" ? quotientUnit : commonUnit;
  const unit = rule(left.unit, right.unit);
  if (unit === null) {
    const params = { operator: expr.op, left: unitName(left.unit), right: unitName(right.unit) };
    frame.session.reporter.add(report("KDP4407", params, expr.opSpan, { variant: "operator" }));
    return null;
  }
  const isConstant = left.constant !== null && right.constant !== null;
  return {
    unit,
    axes: unite(left.axes, right.axes),
    touched: unite(left.touched, right.touched),
    leaves: [...left.leaves, ...right.leaves],
    constant: isConstant ? calculate(expr.op, left.constant, right.constant) : null,
    expr: { kind: "binary", op: expr.op, left: left.expr, right: right.expr },
  };
}

function calculate(op: Binary["op"], a: number, b: number): number {
  switch (op) {
    case "+":
      return a + b;
    case "-":
      return a - b;
    case "*":
      return a * b;
    case "/":
      return a / b;
  }
}

const isBaseline = (call: Call, frame: Frame): boolean =>
  call.callee.kind === "name" && call.callee.name.text === "baseline" && frame.locals.find("baseline") === null;

/** `baseline(x)`: the value of the same expression in another run. */
function evaluateBaseline(call: Call, frame: Frame): Operand | null {
  const { reporter } = frame.session;
  const [arg, more] = call.args;
  if (!arg) {
    reporter.add(report("KDP2202", { callee: "baseline", name: "metric" }, call.span));
    return null;
  }
  if (more) reporter.add(report("KDP2207", { callee: "baseline" }, more.span, { variant: "many" }));
  const operand = evaluateOperand(arg.value, frame);
  if (!operand) return null;
  const isNested = operand.leaves.some((leaf) => leaf.baseline);
  if (operand.leaves.length === 0 || isNested) {
    const actual = isNested ? "another `baseline`" : "a constant";
    reporter.add(report("KDP4409", { actual }, arg.value.span));
    return null;
  }
  return {
    ...operand,
    leaves: operand.leaves.map((leaf) => ({ ...leaf, baseline: true })),
    expr: { kind: "baseline", operand: operand.expr, text: sourceText(arg.value.span, frame) },
  };
}

/** A stretch of source on one line, without its comments. */
export function sourceText(span: Span, frame: Frame): string {
  const text = frame.file.text.slice(span.start, span.end);
  return text
    .replace(/\/\/[^\n]*/g, " ")
    .replace(/\s+/g, " ")
    .trim();
}
