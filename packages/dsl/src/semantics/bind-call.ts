import { report } from "../diagnostics/create-diagnostic.js";
import type { ArgumentSchema, PortSignature, Signature } from "../library/signature.js";
import type { Arg } from "../syntax/ast.js";
import { reportUnnamedArgument, sortArguments } from "./argument-names.js";
import { coerceArgument, defaultArgument } from "./arguments.js";
import { type Axes, NO_AXES, unite } from "./axes.js";
import type { CallSite } from "./calls.js";
import { checkCall } from "./checks/call-checks.js";
import { isUnquotedWord, reportUnquotedWord } from "./enum-words.js";
import { evaluate, evaluateSettled, refuseOver, settle } from "./evaluate.js";
import { exampleOf } from "./example-value.js";
import type { Frame } from "./frame.js";
import { addArgument } from "./places.js";
import { acceptPort, eventsInSight, usualRole } from "./ports.js";
import { typeName } from "./type-names.js";
import { axesOf, type BoundCall, type LossValue, type ResolvedArgument } from "./values.js";

/**
 * Checks the arguments of a call against the signature, and fills in presets and defaults.
 * @param more axes that the call depends on beside its arguments
 */
export function bindCall(signature: Signature, site: CallSite, frame: Frame, more: Axes = NO_AXES): BoundCall {
  const args = site.args ?? [];
  for (const arg of args) refuseOver(arg, frame);
  const known = [...Object.keys(signature.params), ...Object.keys(signature.ports)].map((name) => ({ name, rank: 0 }));
  const { named, unnamed, stray } = sortArguments(site.name, args, known, frame);
  const positional = placeUnnamed(signature, site, new Map(named), unnamed, frame);
  for (const arg of [...stray, ...positional.stray]) evaluateSettled(arg.value, frame);
  let sound = stray.length === 0 && positional.stray.length === 0;

  const losses = positional.losses.map((arg) => lossArgument(arg, site, frame)).filter((loss) => loss !== null);
  if (losses.length < positional.losses.length) sound = false;

  const params: Record<string, ResolvedArgument> = {};
  for (const [name, schema] of Object.entries(signature.params)) {
    const arg = positional.named.get(name);
    const resolved = arg
      ? givenParam(name, schema, arg, site, frame)
      : (presetOf(signature, name) ?? defaultArgument(schema, signature.plugin));
    if (resolved === undefined) reportMissingParam(name, schema, site, frame);
    if (resolved) params[name] = resolved;
    else sound = false;
  }

  const ports: Record<string, BoundCall["ports"][string]> = {};
  for (const [name, port] of Object.entries(signature.ports)) {
    const arg = positional.named.get(name);
    if (!arg) {
      if (!port.required) continue;
      sound = false;
      reportMissingPort(name, port, site, frame);
      continue;
    }
    const value = acceptPort(evaluateSettled(arg.value, frame), { site, name, expr: arg.value, frame });
    if (value) ports[name] = { value, expr: arg.value };
    else sound = false;
  }

  const reaching = unite(
    more,
    ...Object.values(params).map(({ axes }) => axes),
    ...Object.values(ports).map(({ value }) => axesOf(value)),
    ...losses.map(({ axes }) => axes),
  );
  const call: BoundCall = {
    kind: "call",
    signature,
    callee: site.name,
    calleeSpan: site.nameSpan,
    span: site.span,
    written: site.written,
    params,
    ports,
    losses,
    sound,
    // With an argument in doubt, any axis might have reached the call through it.
    axes: sound ? reaching : unite(reaching, frame.session.axes ?? NO_AXES),
    run: {},
  };
  checkCall(call, frame);
  return call;
}

interface Placed {
  readonly named: ReadonlyMap<string, Arg>;
  readonly losses: readonly Arg[];
  readonly stray: readonly Arg[];
}

function placeUnnamed(
  signature: Signature,
  site: CallSite,
  named: Map<string, Arg>,
  unnamed: readonly Arg[],
  frame: Frame,
): Placed {
  const { positional } = signature;
  if (positional?.takes === "losses") return { named, losses: unnamed, stray: [] };
  const [first, second] = unnamed;
  if (!first) return { named, losses: [], stray: [] };
  if (!positional) {
    reportUnnamedArgument(site.name, first, onlyArgument(signature, named), frame);
    return { named, losses: [], stray: unnamed };
  }
  const { reporter } = frame.session;
  if (named.has(positional.name)) {
    reporter.add(report("KDP2206", { name: positional.name }, first.span));
    return { named, losses: [], stray: unnamed };
  }
  named.set(positional.name, first);
  if (second) {
    reporter.add(report("KDP2207", { callee: site.name }, second.span, { variant: "many" }));
  }
  return { named, losses: [], stray: unnamed.slice(1) };
}

/** The only argument that an unnamed value could have been meant for. */
function onlyArgument(signature: Signature, named: ReadonlyMap<string, Arg>): string | null {
  const open = Object.entries(signature.params).filter(([name]) => !named.has(name));
  const required = open.filter(([, schema]) => schema.default === undefined);
  const { facts } = signature;
  if (required.length === 0 && facts?.kind === "model" && facts.width && !named.has(facts.width)) return facts.width;
  const likely = required.length > 0 ? required : open;
  return likely.length === 1 ? likely[0]![0] : null;
}

function givenParam(
  name: string,
  schema: ArgumentSchema,
  arg: Arg,
  site: CallSite,
  frame: Frame,
): ResolvedArgument | null {
  const place = { callee: site.name, name, expr: arg.value, frame };
  if (isUnquotedWord(arg.value, schema, frame)) {
    reportUnquotedWord(arg.value, schema, place);
    return null;
  }
  const raw = evaluate(arg.value, frame, schema.type === "metric" ? "metric" : "value");
  return coerceArgument(schema.type === "metric" ? settle(raw, arg.value, frame) : raw, schema, place);
}

function presetOf({ preset }: Signature, name: string): ResolvedArgument | undefined {
  const value = preset?.values[name];
  if (!preset || value === undefined) return undefined;
  return { value, origin: { kind: "preset", alias: preset.alias }, axes: NO_AXES, span: null, base: null };
}

function lossArgument(arg: Arg, site: CallSite, frame: Frame): LossValue | null {
  const value = evaluateSettled(arg.value, frame, "loss");
  if (value.kind === "loss") return value;
  if (value.kind !== "unknown") {
    const params = { name: "loss", callee: site.name, expected: "Loss", actual: typeName(value) };
    frame.session.reporter.add(report("KDP2203", params, arg.value.span, { variant: "argument" }));
  }
  return null;
}

function reportMissingParam(name: string, schema: ArgumentSchema, site: CallSite, frame: Frame): void {
  const example = exampleOf(schema, frame.session.library);
  const fixes = example === null ? [] : [addArgument(site, `${name}: ${example}`)];
  const notes = [`\`${name}\`: ${schema.doc}`];
  frame.session.reporter.add(report("KDP2202", { callee: site.name, name }, site.span, { fixes, notes }));
}

function reportMissingPort(name: string, port: PortSignature, site: CallSite, frame: Frame): void {
  const events = port.takes === "Events" ? eventsInSight(frame, usualRole(site, name)) : null;
  const fixes = events === null ? [] : [addArgument(site, `${name}: ${events}`)];
  const notes = [`\`${name}\`: ${port.doc}`];
  frame.session.reporter.add(report("KDP2202", { callee: site.name, name }, site.span, { fixes, notes }));
}
