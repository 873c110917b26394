import { fix, report } from "../diagnostics/create-diagnostic.js";
import type { DispatchSignature, Signature } from "../library/signature.js";
import type { Arg, Expr } from "../syntax/ast.js";
import { notAChoice } from "./arguments.js";
import { type Axes, NO_AXES } from "./axes.js";
import { bindCall } from "./bind-call.js";
import { type CallSite, stageOf } from "./calls.js";
import { evaluate, evaluateSettled } from "./evaluate.js";
import type { Frame } from "./frame.js";
import { addArgument } from "./places.js";
import { typeName } from "./type-names.js";
import { axesOf, UNKNOWN, type Value } from "./values.js";

/** `model(family, …)` is `family(…)` and `ensemble(method: "x", …)` is `x(…)`: replaced before names and keys. */
export function dispatch(to: DispatchSignature, signature: Signature, site: CallSite, frame: Frame): Value {
  const args = site.args ?? [];
  const chosen = args.find((arg) => arg.label?.text === to.argument) ?? unnamed(to, args);
  const rest = args.filter((arg) => arg !== chosen);
  const target = chosen ? chosenStage(to, signature, chosen.value, frame) : defaultStage(to, site, frame);
  if (!target) {
    for (const arg of rest) evaluateSettled(arg.value, frame);
    return UNKNOWN;
  }
  const name = target.signature.stage;
  const call = bindCall(target.signature, { ...site, name, args: site.args && rest }, frame, target.axes);
  // Arguments are those of the target; everything else speaks of what is written.
  return stageOf({ ...call, callee: site.name });
}

/** Only the family of a model may stand without its name. */
const unnamed = (to: DispatchSignature, args: readonly Arg[]): Arg | undefined =>
  to.kind === "model" ? args.find((arg) => arg.label === null && arg.value.kind !== "missing") : undefined;

interface Target {
  readonly signature: Signature;
  readonly axes: Axes;
}

function defaultStage(to: DispatchSignature, site: CallSite, frame: Frame): Target | null {
  const { library, reporter } = frame.session;
  const names = library.namesOf(to.kind);
  const found = library.find(to.default ?? "");
  if (found?.kind === to.kind) return { signature: found, axes: NO_AXES };
  const example = names[0] === undefined ? [] : [addArgument(site, `${to.argument}: "${names[0]}"`)];
  const notes = [`one of: ${names.join(", ")}`];
  reporter.add(report("KDP2202", { callee: site.name, name: to.argument }, site.nameSpan, { notes, fixes: example }));
  return null;
}

function chosenStage(to: DispatchSignature, signature: Signature, expr: Expr, frame: Frame): Target | null {
  const { library, reporter } = frame.session;
  const value = evaluate(expr, frame);
  if (value.kind === "unknown") return null;
  if (value.kind !== "literal" || value.type !== "string") {
    const params = { name: to.argument, callee: signature.stage, expected: "string", actual: typeName(value) };
    const word = expr.kind === "name" && value.kind === "callable" ? `"${expr.name.text}"` : null;
    const fixes = word ? [fix(`write ${word}`, expr.span, word)] : [];
    reporter.add(report("KDP2203", params, expr.span, { variant: "argument", fixes }));
    return null;
  }
  const name = String(value.value);
  const dot = name.indexOf(".");
  // `topo.x` is stage `x` of the plugin that this file calls `topo`.
  const plugin = dot === -1 ? undefined : frame.file.plugins.get(name.slice(0, dot));
  if (plugin) frame.session.usage.mark(plugin.use.span);
  if (plugin && !plugin.catalogue) return null;
  const found = plugin?.catalogue ? plugin.catalogue.find(name.slice(dot + 1)) : library.find(name);
  if (found?.kind === to.kind) return { signature: found, axes: axesOf(value) };
  reporter.add(notAChoice(to.argument, name, library.namesOf(to.kind), expr));
  return null;
}
