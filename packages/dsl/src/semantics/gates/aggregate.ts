import { report } from "../../diagnostics/create-diagnostic.js";
import type { GateExpr } from "../../plan/plan.js";
import type { Arg, Call } from "../../syntax/ast.js";
import { agree, distinctCells, unite, without } from "../axes.js";
import { checkAxesExist } from "../axis-arguments.js";
import type { Frame } from "../frame.js";
import { endOf } from "../places.js";
import { evaluateOperand, type OpenGateExpr, type Operand } from "./operand.js";

type Aggregate = Extract<GateExpr, { kind: "aggregate" }>["fn"];

const AGGREGATES: readonly Aggregate[] = ["mean", "median", "min", "max", "stddev"];

const nameOf = (call: Call): Aggregate | undefined =>
  AGGREGATES.find((name) => call.callee.kind === "name" && call.callee.name.text === name);

/** Aggregates are an outer scope of `expect`: a name of the pipeline goes first. */
export function isAggregate(call: Call, frame: Frame): boolean {
  const name = nameOf(call);
  return name !== undefined && frame.locals.find(name) === null;
}

/** `mean(x over [seed, dim])`: the values of `x` in all cells that differ from this one only in the closed axes. */
export function evaluateAggregate(call: Call, frame: Frame): Operand | null {
  const { reporter } = frame.session;
  const fn = nameOf(call)!;
  const [arg, more] = call.args;
  if (!arg) {
    reporter.add(report("KDP2202", { callee: fn, name: "metric" }, call.span));
    return null;
  }
  if (more) reporter.add(report("KDP2207", { callee: fn }, more.span, { variant: "many" }));
  const operand = evaluateOperand(arg.value, frame);
  const closed = closedAxes(fn, arg, more !== undefined, operand, frame);
  if (!operand || !closed) return null;

  const cells = frame.session.cells.filter((cell) => agree(cell, frame.cell, without(operand.axes, closed)));
  const items: OpenGateExpr[] = [];
  for (const cell of distinctCells(cells, operand.axes)) {
    const item = evaluateOperand(arg.value, frame.at(cell));
    if (item) items.push(item.expr);
  }
  if (fn === "stddev" && items.length < 2) {
    const place = arg.over?.[0]?.span ?? arg.span;
    reporter.add(report("KDP4405", { axis: closed.join(", ") }, place, { variant: "single" }));
    return null;
  }
  return {
    unit: operand.unit,
    axes: without(operand.axes, closed),
    touched: unite(operand.touched, closed),
    leaves: operand.leaves,
    constant: null,
    expr: { kind: "aggregate", fn, items },
  };
}

/** The axes after `over`; null when they cannot be ranged over. */
function closedAxes(
  fn: Aggregate,
  arg: Arg,
  hasMore: boolean,
  operand: Operand | null,
  frame: Frame,
): readonly string[] | null {
  const { reporter, axes } = frame.session;
  if (!arg.over) {
    // A second value stands where the axis should: that has been told.
    if (hasMore) return null;
    const axis = axes?.find((name) => operand?.axes.includes(name));
    const fixes = axis
      ? [{ title: `write \`over ${axis}\``, edits: [{ span: endOf(arg.value.span), text: ` over ${axis}` }] }]
      : [];
    reporter.add(report("KDP4405", { aggregate: fn }, arg.span, { variant: "missing", fixes }));
    return null;
  }
  if (!checkAxesExist(arg.over, frame) || !operand) return null;
  const foreign = arg.over.find(({ text }) => !operand.axes.includes(text));
  if (!foreign) return arg.over.map(({ text }) => text);
  const notes = operand.axes.length > 0 ? [`it depends on: ${operand.axes.join(", ")}`] : [];
  reporter.add(report("KDP4405", { aggregate: fn, axis: foreign.text }, foreign.span, { notes }));
  return null;
}
