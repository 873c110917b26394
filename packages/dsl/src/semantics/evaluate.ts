import { report } from "../diagnostics/create-diagnostic.js";
import type { Arg, Expr, Unary } from "../syntax/ast.js";
import { evaluateChain } from "./arrows.js";
import { NO_AXES } from "./axes.js";
import { type CallSite, callValue } from "./calls.js";
import type { Frame } from "./frame.js";
import { evaluateList } from "./lists.js";
import { literalValue } from "./literals.js";
import { evaluateMember } from "./members.js";
import { metricByName } from "./metrics.js";
import { resolveName, type Want } from "./names.js";
import { argsOf, writtenName } from "./places.js";
import { UNKNOWN, type Value } from "./values.js";

/**
 * What an expression denotes in the cell of the frame. Errors are reported on the way and become `unknown`, which causes
 * no further message.
 */
export function evaluate(expr: Expr, frame: Frame, want: Want = "value"): Value {
  switch (expr.kind) {
    case "missing":
      return UNKNOWN;
    case "number":
    case "string":
    case "bool":
    case "duration":
    case "bytes":
    case "list-literal":
      return literalValue(expr, frame.file.base);
    case "list":
      return evaluateList(expr, frame, want);
    case "name":
      return resolveName(expr.name, frame, want);
    case "metric":
      return metricByName(expr, frame.session.library, "", frame, NO_AXES);
    case "member":
      return evaluateMember(expr, frame, want);
    case "call": {
      const callee = evaluate(expr.callee, frame, want === "value" ? "stage" : want);
      const name = writtenName(expr.callee) ?? "this";
      return callValue(callee, siteOf(name, expr.callee, expr), frame);
    }
    case "chain":
      return evaluateChain(expr, frame);
    case "binary":
      evaluate(expr.left, frame);
      evaluate(expr.right, frame);
      frame.session.reporter.add(report("KDP2301", {}, expr.opSpan));
      return UNKNOWN;
    case "unary":
      return evaluateSign(expr, frame);
  }
}

/** As {@link evaluate}; a bare name of a stage or setting is a call with defaults. */
export function evaluateSettled(expr: Expr, frame: Frame, want: Want = "value"): Value {
  return settle(evaluate(expr, frame, want), expr, frame);
}

export function settle(value: Value, expr: Expr, frame: Frame): Value {
  if (value.kind !== "callable" && value.kind !== "macro") return value;
  const name = writtenName(expr) ?? value.name;
  return callValue(value, siteOf(name, expr, expr), frame);
}

function siteOf(name: string, callee: Expr, call: Expr): CallSite {
  const args = argsOf(call);
  return { name, nameSpan: callee.span, args, written: args, span: call.span };
}

/** A sign belongs to a literal number; anything else is arithmetic. */
function evaluateSign(expr: Unary, frame: Frame): Value {
  const operand = evaluate(expr.operand, frame);
  if (operand.kind === "unknown") return UNKNOWN;
  if (operand.kind === "literal" && typeof operand.value === "number" && expr.operand.kind !== "name") {
    const origin = { kind: "source", span: expr.span } as const;
    if (expr.op === "+") return { ...operand, origin };
    return { ...operand, value: -operand.value, text: `-${operand.text}`, origin };
  }
  frame.session.reporter.add(report("KDP2301", {}, expr.span));
  return UNKNOWN;
}

/** `x over seed` means something in the aggregates of a gate only. */
export function refuseOver(arg: Arg, frame: Frame): void {
  const axis = arg.over?.[0];
  if (axis) frame.session.reporter.add(report("KDP2301", {}, axis.span, { variant: "over" }));
}
