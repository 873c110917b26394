import { report } from "../../diagnostics/create-diagnostic.js";
import type { Signature } from "../../library/signature.js";
import type { Arg, Expr, Name } from "../../syntax/ast.js";
import { sortArguments } from "../argument-names.js";
import { type Axes, agree, cellSuffix, distinctCells, NO_AXES, project, unite, without } from "../axes.js";
import { axisNames, checkAxesExist } from "../axis-arguments.js";
import type { CallSite } from "../calls.js";
import { checkSelection } from "../checks/selection.js";
import { evaluateSettled } from "../evaluate.js";
import type { Frame } from "../frame.js";
import type { NodeInput } from "../node-table.js";
import { typeName } from "../type-names.js";
import { type BoundCall, type MeasureValue, type TeacherRef, UNKNOWN, type Value } from "../values.js";
import { distinctEvents, makeNode, refTo } from "./make-node.js";

/**
 * `best_of(kd, by: picks.ndcg@10, over: [seed])`: the best of the models that exist over some axes. It is the one stage
 * that looks into other cells; the closed axes do not reach what comes after it.
 */
export function bestOf(signature: Signature, site: CallSite, frame: Frame): Value {
  const known = Object.keys(signature.ports).map((name) => ({ name, rank: 0 }));
  const { named, unnamed, stray } = sortArguments(site.name, site.args ?? [], known, frame);
  const model = named.get("model") ?? unnamed[0];
  const by = named.get("by");
  const over = named.get("over");
  for (const arg of [...stray, ...unnamed.filter((arg) => arg !== model)]) evaluateSettled(arg.value, frame);
  const second = unnamed[named.has("model") ? 0 : 1];
  const { reporter } = frame.session;
  if (second) reporter.add(report("KDP2207", { callee: site.name }, second.span, { variant: "many" }));

  const chosen = model ? modelOf(model.value, site, frame) : missing("model", signature, site, frame);
  const measure = by ? measureOf(by.value, site, frame) : missing("by", signature, site, frame);
  const axes = over ? closedAxes(over, site, frame) : missing("over", signature, site, frame);
  if (!model || !by || !chosen || !measure || !axes) return UNKNOWN;
  checkSelection(measure, chosen, by.value, site, frame);

  const operandAxes = unite(chosen.axes, measure.axes);
  const foreign = axes.find((axis) => !operandAxes.includes(axis.text));
  if (foreign) {
    const params = { aggregate: site.name, axis: foreign.text };
    reporter.add(report("KDP4405", params, foreign.span));
    return UNKNOWN;
  }
  const closed = axes.map((axis) => axis.text);
  return chooseNode({ signature, site, frame, model: model.value, by: by.value, chosen, measure, closed, operandAxes });
}

interface Choice {
  readonly signature: Signature;
  readonly site: CallSite;
  readonly frame: Frame;
  readonly model: Expr;
  readonly by: Expr;
  readonly chosen: TeacherRef;
  readonly measure: MeasureValue;
  readonly closed: Axes;
  readonly operandAxes: Axes;
}

function chooseNode(choice: Choice): Value {
  const { signature, site, frame, chosen, measure, closed, operandAxes } = choice;
  const free = without(operandAxes, closed);
  const cells = frame.session.cells.filter((cell) => agree(cell, frame.cell, free));
  const inputs: NodeInput[] = [];
  const candidates: TeacherRef[] = [];
  distinctCells(cells, operandAxes).forEach((cell, index) => {
    const there = frame.at(cell);
    const candidate = modelOf(choice.model, site, there);
    const decisive = measureOf(choice.by, site, there);
    if (!candidate || !decisive) return;
    candidates.push(candidate);
    const label = cellSuffix(project(cell, closed)).slice(1, -1);
    inputs.push({ port: "candidates", index, label, ref: candidate });
    inputs.push({ port: "by", index, label, ref: decisive.ref });
  });
  const key = measure.measure.kind === "metric" ? measure.measure.key : measure.measure.name;
  const source = { origin: { kind: "source", span: site.span }, axes: NO_AXES, span: site.span, base: null } as const;
  const call: BoundCall = {
    kind: "call",
    signature,
    callee: site.name,
    calleeSpan: site.nameSpan,
    span: site.span,
    written: site.written,
    params: { by: { ...source, value: key }, over: { ...source, value: closed } },
    ports: {},
    teacherPorts: {},
    losses: [],
    axes: free,
    run: {},
  };
  const place = { input: null, inputSpan: site.span, target: site.span, arrow: null };
  const { views } = chosen.type;
  const node = makeNode({ call, place, frame }, { type: { kind: "Model", views }, inputs, axes: free });
  // Any of them may win.
  const learnedFrom = distinctEvents(candidates.flatMap(({ type }) => type.learnedFrom));
  const seen = distinctEvents(candidates.flatMap(({ type }) => type.seen));
  return refTo(node, { ...chosen.type, learnedFrom, seen }, free);
}

function modelOf(expr: Expr, site: CallSite, frame: Frame): TeacherRef | null {
  const value = evaluateSettled(expr, frame);
  if (value.kind === "ref" && value.type.kind === "Model") return { ...value, type: value.type as TeacherRef["type"] };
  if (value.kind !== "unknown") refuse("model", "Model", value, expr, site, frame);
  return null;
}

function measureOf(expr: Expr, site: CallSite, frame: Frame): MeasureValue | null {
  const value = evaluateSettled(expr, frame);
  if (value.kind === "measure" && value.measure.kind === "metric") return value;
  if (value.kind !== "unknown") refuse("by", "a metric like `scores.ndcg@10`", value, expr, site, frame);
  return null;
}

function refuse(name: string, expected: string, value: Value, expr: Expr, site: CallSite, frame: Frame): void {
  const params = { name, callee: site.name, expected, actual: typeName(value) };
  frame.session.reporter.add(report("KDP2203", params, expr.span, { variant: "argument" }));
}

function closedAxes(arg: Arg, site: CallSite, frame: Frame): readonly Name[] | null {
  const names = axisNames(arg.value);
  if (names) return checkAxesExist(names, frame) ? names : null;
  refuse("over", "a list of axes, like `[seed]`", evaluateSettled(arg.value, frame), arg.value, site, frame);
  return null;
}

function missing(name: string, signature: Signature, site: CallSite, frame: Frame): null {
  const notes = [`\`${name}\`: ${signature.ports[name]?.doc ?? ""}`];
  frame.session.reporter.add(report("KDP2202", { callee: site.name, name }, site.nameSpan, { notes }));
  return null;
}
