import { report } from "../diagnostics/create-diagnostic.js";
import type { Span } from "../diagnostics/diagnostic.js";
import type { Chain, Expr } from "../syntax/ast.js";
import { unite } from "./axes.js";
import { evaluateSettled } from "./evaluate.js";
import { type Frame, labelled } from "./frame.js";
import { isNameInSight } from "./names.js";
import { tailOf, writtenName } from "./places.js";
import { feedCall } from "./stages/feed.js";
import { typeName } from "./type-names.js";
import { axesOf, isOpen, type ListValue, type StageValue, type Step, UNKNOWN, type Value } from "./values.js";

/** Where an input meets a stage, for messages and fixes. */
export interface ArrowPlace {
  /** The expression that the input comes from; null inside a list or a stage bound elsewhere. */
  readonly input: Expr | null;
  readonly inputSpan: Span;
  readonly target: Span;
  readonly arrow: Span | null;
}

/** `left -> right` and `left -> each right`. */
export function evaluateChain(written: Chain, frame: Frame): Value {
  const chain = readEach(written, frame);
  const left = evaluateSettled(chain.left, frame);
  const right = evaluateSettled(chain.right, frame, "stage");
  const target = asTarget(right, chain.right, frame);
  if (!target || left.kind === "unknown") return UNKNOWN;
  const step: Step = { target, each: chain.each, span: chain.right.span, arrow: chain.arrow };
  if (isOpen(left)) return compose(left, step, frame);
  const input = tailOf(chain.left);
  const place = { input, inputSpan: input.span, target: chain.right.span, arrow: chain.arrow };
  return feed(left, step, place, frame);
}

/** `-> each (a -> b)` looks like a call of a stage `each`: where there is none, it is `each` and stages in brackets. */
function readEach(chain: Chain, frame: Frame): Chain {
  const { right } = chain;
  if (right.kind !== "call" || right.callee.kind !== "name" || right.callee.name.text !== "each") return chain;
  const [only, ...more] = right.args;
  if (!only || more.length > 0 || only.label || isNameInSight("each", frame)) return chain;
  return { ...chain, each: true, right: only.value };
}

/** What may stand after an arrow; everything else is reported. */
function asTarget(value: Value, expr: Expr, frame: Frame): StageValue | ListValue | null {
  const { reporter } = frame.session;
  const name = writtenName(expr) ?? "this";
  switch (value.kind) {
    case "unknown":
      return null;
    case "stage":
      return value;
    case "loss":
    case "metric": {
      const fixes =
        value.kind === "loss"
          ? [
              {
                title: `teach with it: \`distill(${name})\``,
                edits: [
                  { span: { ...expr.span, end: expr.span.start }, text: "distill(" },
                  { span: { ...expr.span, start: expr.span.end }, text: ")" },
                ],
              },
            ]
          : [];
      reporter.add(report("KDP2223", { name }, expr.span, { variant: "spec", fixes }));
      return null;
    }
    case "list": {
      if (value.elements.length === 0) break;
      const closed = value.elements.filter((element) => !isOpen(element.value) && element.value.kind !== "unknown");
      for (const element of closed) {
        const params = { name: element.label ?? typeName(element.value) };
        reporter.add(report("KDP2223", params, element.span, { variant: "value" }));
      }
      return closed.length === 0 ? value : null;
    }
  }
  const bound = frame.locals.find(name);
  const related = bound ? [{ span: bound.span, label: `\`${name}\` is bound here` }] : [];
  reporter.add(report("KDP2223", { name }, expr.span, { variant: "value", related }));
  return null;
}

/** Stages in a row are a stage: `(a -> f) -> g` is `a -> (f -> g)`. */
function compose(left: Value, step: Step, frame: Frame): Value {
  const steps: Step[] = [];
  if (left.kind === "stage") steps.push(...left.steps);
  else if (left.kind === "list") {
    const closed = left.elements.filter((element) => !isOpen(element.value) && element.value.kind !== "unknown");
    const [open] = left.elements.filter((element) => isOpen(element.value));
    if (closed.length > 0 && open) {
      const params = { name: open.label ?? "this" };
      frame.session.reporter.add(report("KDP2223", params, open.span));
      return UNKNOWN;
    }
    steps.push({ target: left, each: false, span: step.span, arrow: null });
  }
  // Without `each`, stages in a row on the right are simply the next ones.
  if (step.target.kind === "stage" && !step.each) {
    const [first, ...rest] = step.target.steps;
    if (first) steps.push({ ...first, span: step.span, arrow: step.arrow }, ...rest);
  } else steps.push(step);
  return { kind: "stage", steps, axes: unite(axesOf(left), step.target.axes) };
}

function feed(input: Value, step: Step, place: ArrowPlace, frame: Frame): Value {
  if (step.each) return feedEach(input, step, place, frame);
  const { target } = step;
  if (target.kind === "call") return feedCall(target, input, place, frame);
  if (target.kind === "stage") return feedStage(target, input, place, frame);
  // A fan-out: every stage of the list takes the same input.
  return mapList(target, (value, label, span) => {
    if (value.kind !== "stage" && value.kind !== "list") return UNKNOWN;
    const inner: Step = { target: value, each: false, span, arrow: place.arrow };
    return feed(input, inner, { ...place, target: span }, labelled(frame, label));
  });
}

function feedStage(stage: StageValue, input: Value, place: ArrowPlace, frame: Frame): Value {
  const [first, ...rest] = stage.steps;
  if (!first) return input;
  // The first stage stands where the arrow points; the others where they were written.
  let span = stage.steps.length === 1 ? place.target : first.span;
  let value = feed(input, first, { ...place, target: span }, frame);
  for (const step of rest) {
    value = feed(value, step, { input: null, inputSpan: span, target: step.span, arrow: step.arrow }, frame);
    span = step.span;
  }
  return value;
}

function feedEach(input: Value, step: Step, place: ArrowPlace, frame: Frame): Value {
  if (input.kind === "unknown") return UNKNOWN;
  if (input.kind !== "list") {
    const { arrow, target } = place;
    const fixes = arrow
      ? [{ title: "remove `each`", edits: [{ span: { ...arrow, start: arrow.end, end: target.start }, text: " " }] }]
      : [];
    const related = [{ span: place.inputSpan, label: typeName(input) }];
    const span = arrow ? { ...arrow, end: target.start } : target;
    frame.session.reporter.add(report("KDP2212", { actual: typeName(input) }, span, { fixes, related }));
    return UNKNOWN;
  }
  const single: Step = { ...step, each: false };
  return mapList(input, (value, label, span) =>
    feed(value, single, { ...place, input: null, inputSpan: span }, labelled(frame, label)),
  );
}

function mapList(list: ListValue, map: (value: Value, label: string | null, span: Span) => Value): ListValue {
  const elements = list.elements.map(({ label, value, span }) => ({ label, span, value: map(value, label, span) }));
  return { kind: "list", elements, axes: unite(...elements.map((element) => axesOf(element.value))) };
}
