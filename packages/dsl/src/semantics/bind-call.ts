import { report } from "../diagnostics/create-diagnostic.js";
import type { ArgumentSchema, PortSignature, Signature } from "../library/signature.js";
import type { Arg, Expr } from "../syntax/ast.js";
import { sortArguments } from "./argument-names.js";
import { coerceArgument, defaultArgument } from "./arguments.js";
import { type Axes, NO_AXES, unite } from "./axes.js";
import type { CallSite } from "./calls.js";
import { checkCall } from "./checks/call-checks.js";
import { isUnquotedWord, reportUnquotedWord } from "./enum-words.js";
import { evaluate, evaluateSettled, refuseOver, settle } from "./evaluate.js";
import { exampleOf } from "./example-value.js";
import type { Frame } from "./frame.js";
import { lossArgument } from "./loss-argument.js";
import { addArgument } from "./places.js";
import { acceptPort, acceptTeacherPort, eventsInSight, type PortPlace, usualRole } from "./ports.js";
import { placeUnnamed } from "./positional.js";
import { axesOf, type BoundCall, type ResolvedArgument, type Value } from "./values.js";

/**
 * Checks the arguments of a call against the signature, and fills in presets and defaults.
 * @param more axes that the call depends on beside its arguments
 */
export function bindCall(signature: Signature, site: CallSite, frame: Frame, more: Axes = NO_AXES): BoundCall {
  const args = site.args ?? [];
  for (const arg of args) refuseOver(arg, frame);
  const known = [...Object.keys(signature.params), ...Object.keys(signature.ports)].map((name) => ({ name, rank: 0 }));
  const placed = placeUnnamed(signature, site, sortArguments(site.name, args, known, frame), frame);
  for (const arg of placed.stray) evaluateSettled(arg.value, frame);

  const losses = placed.losses.map((arg) => lossArgument(arg, site, frame));
  const params = bindParams(signature, site, placed.named, frame);
  const ports = bindPorts(signature, site, placed.named, frame, acceptPort, (takes) => takes !== "Teacher");
  const teachers = bindPorts(signature, site, placed.named, frame, acceptTeacherPort, (takes) => takes === "Teacher");
  const sound =
    placed.stray.length === 0 &&
    [...losses, ...params.values(), ...ports.values(), ...teachers.values()].every((v) => v !== null);
  const found = {
    losses: losses.filter((loss) => loss !== null),
    params: present(params),
    ports: present(ports),
    teacherPorts: present(teachers),
  };
  const reaching = unite(
    more,
    ...Object.values(found.params).map(({ axes }) => axes),
    ...Object.values(found.ports).map(({ value }) => axesOf(value)),
    ...Object.values(found.teacherPorts).map(({ value }) => axesOf(value)),
    ...found.losses.map(({ axes }) => axes),
  );
  const call: BoundCall = {
    kind: "call",
    signature,
    callee: site.name,
    calleeSpan: site.nameSpan,
    span: site.span,
    written: site.written,
    ...found,
    // With an argument in doubt, any axis might have reached the call through it.
    axes: sound ? reaching : unite(reaching, frame.session.axes ?? NO_AXES),
    run: {},
  };
  checkCall(call, frame);
  return call;
}

/** Every argument with its value: given, preset or default; null for those that are wrong or missing. */
function bindParams(
  signature: Signature,
  site: CallSite,
  named: ReadonlyMap<string, Arg>,
  frame: Frame,
): ReadonlyMap<string, ResolvedArgument | null> {
  const params = new Map<string, ResolvedArgument | null>();
  for (const [name, schema] of Object.entries(signature.params)) {
    const arg = named.get(name);
    const resolved = arg
      ? givenParam(name, schema, arg, site, frame)
      : (presetOf(signature, name) ?? defaultArgument(schema, signature.plugin));
    if (resolved === undefined) reportMissingParam(name, schema, site, frame);
    params.set(name, resolved ?? null);
  }
  return params;
}

/** The secondary inputs of a kind that are given; null for those that are wrong, or missing and required. */
function bindPorts<T extends Value>(
  signature: Signature,
  site: CallSite,
  named: ReadonlyMap<string, Arg>,
  frame: Frame,
  accept: (value: Value, place: PortPlace) => T | null,
  isOfKind: (takes: PortSignature["takes"]) => boolean,
): ReadonlyMap<string, { readonly value: T; readonly expr: Expr } | null> {
  const ports = new Map<string, { readonly value: T; readonly expr: Expr } | null>();
  for (const [name, port] of Object.entries(signature.ports)) {
    if (!isOfKind(port.takes)) continue;
    const arg = named.get(name);
    if (arg) {
      const value = accept(evaluateSettled(arg.value, frame), { site, name, expr: arg.value, frame });
      ports.set(name, value && { value, expr: arg.value });
    } else if (port.required) {
      reportMissingPort(name, port, site, frame);
      ports.set(name, null);
    }
  }
  return ports;
}

function present<T>(found: ReadonlyMap<string, T | null>): Readonly<Record<string, T>> {
  return Object.fromEntries([...found].flatMap(([name, value]) => (value === null ? [] : [[name, value]])));
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

function reportMissingParam(name: string, schema: ArgumentSchema, site: CallSite, frame: Frame): void {
  const example = exampleOf(schema, frame.session.library);
  const fixes = example === null ? [] : [addArgument(site, `${name}: ${example}`)];
  const notes = [`\`${name}\`: ${schema.doc}`];
  frame.session.reporter.add(report("KDP2202", { callee: site.name, name }, site.nameSpan, { fixes, notes }));
}

function reportMissingPort(name: string, port: PortSignature, site: CallSite, frame: Frame): void {
  const events = port.takes === "Events" ? eventsInSight(frame, usualRole(site, name)) : null;
  const fixes = events === null ? [] : [addArgument(site, `${name}: ${events}`)];
  const notes = [`\`${name}\`: ${port.doc}`];
  frame.session.reporter.add(report("KDP2202", { callee: site.name, name }, site.nameSpan, { fixes, notes }));
}
