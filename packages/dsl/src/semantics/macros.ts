import { report } from "../diagnostics/create-diagnostic.js";
import type { Formal } from "../syntax/ast.js";
import { reportUnnamedArgument, sortArguments } from "./argument-names.js";
import type { CallSite } from "./calls.js";
import { ALL_TYPES, checkTypeNames, conform, typeText } from "./declared-types.js";
import { evaluateSettled, refuseOver } from "./evaluate.js";
import type { StageDecl } from "./files.js";
import type { Binding, Frame, Locals } from "./frame.js";
import { literalValue } from "./literals.js";
import { typeName } from "./type-names.js";
import { UNKNOWN, type Value } from "./values.js";

/**
 * Expands a `stage`: its body with the call's arguments for its inputs. Names of the body are those of the file that
 * declares it, never those of the caller.
 */
export function expandMacro(decl: StageDecl, site: CallSite, frame: Frame): Value {
  const { reporter } = frame.session;
  if (frame.expanding.includes(decl)) {
    const from = frame.expanding.indexOf(decl);
    const circle = frame.expanding.slice(from);
    const cycle = [...circle, decl].map((d) => d.ast.name.text).join(" -> ");
    // Every stage of a circle is checked; the first one tells of it.
    const isFirst = circle.every((other) => other.scope !== decl.scope || other.ast.span.start >= decl.ast.span.start);
    if (isFirst) reporter.add(report("KDP5506", { cycle }, site.nameSpan, { variant: "stage" }));
    return UNKNOWN;
  }
  const inside = (caller: Frame): Frame => ({
    ...caller,
    file: decl.scope,
    locals: formalsOf(decl, site, caller),
    expanding: [...caller.expanding, decl],
    at: (cell) => inside(caller.at(cell)),
  });
  const expanded = inside(frame);
  return reporter.inCall(site.span, () => evaluateSettled(decl.ast.body, expanded, "stage"));
}

/** Checks a declaration, and its body with inputs that fit everywhere: mistakes show even when nobody calls it. */
export function checkMacro(decl: StageDecl, frame: Frame): void {
  const { ast, scope } = decl;
  const { reporter } = frame.session;
  const bindings = new Map<string, Binding>();
  for (const formal of ast.formals) {
    checkTypeNames(formal.type, ALL_TYPES, reporter);
    if (formal.name.missing) continue;
    const { text, span } = formal.name;
    const hidden = scope.stages.get(text);
    if (hidden) {
      const related = [{ span: hidden.ast.name.span, label: "the stage" }];
      reporter.add(report("KDP1104", { name: text, stage: ast.name.text }, span, { related }));
    }
    const earlier = bindings.get(text);
    if (earlier) {
      const related = [{ span: earlier.span, label: "first defined here" }];
      reporter.add(report("KDP1102", { kind: "input", name: text }, span, { related }));
    }
    if (formal.default && !conform(literalValue(formal.default, scope.base), formal.type)) {
      const params = { name: text, callee: ast.name.text, expected: typeText(formal.type), actual: actualOf(formal) };
      reporter.add(report("KDP2203", params, formal.default.span, { variant: "argument" }));
    }
    bindings.set(text, { value: UNKNOWN, span });
  }
  evaluateSettled(
    ast.body,
    { ...frame, file: scope, locals: localsOf(bindings), expanding: [...frame.expanding, decl] },
    "stage",
  );
}

const actualOf = (formal: Formal): string => (formal.default ? typeName(literalValue(formal.default, null)) : "");

function formalsOf(decl: StageDecl, site: CallSite, caller: Frame): Locals {
  const { reporter } = caller.session;
  const { formals } = decl.ast;
  const known = formals.map(({ name }) => ({ name: name.text, rank: 0 }));
  const { named, unnamed, stray } = sortArguments(site.name, site.args ?? [], known, caller);
  for (const arg of [...unnamed, ...stray]) evaluateSettled(arg.value, caller);
  for (const arg of site.args ?? []) refuseOver(arg, caller);
  const missing = formals.filter(({ name }) => !name.missing && !named.has(name.text));
  const [first] = unnamed;
  if (first) reportUnnamedArgument(site.name, first, missing.length === 1 ? missing[0]!.name.text : null, caller);

  const bindings = new Map<string, Binding>();
  const bind = (formal: Formal, value: Value) => bindings.set(formal.name.text, { value, span: formal.name.span });
  for (const formal of formals) {
    if (formal.name.missing) continue;
    const { text } = formal.name;
    const arg = named.get(text);
    if (arg) {
      const raw = evaluateSettled(arg.value, caller);
      const value = conform(raw, formal.type);
      if (value === null) {
        const params = { name: text, callee: site.name, expected: typeText(formal.type), actual: typeName(raw) };
        const related = [{ span: formal.span, label: "declared here" }];
        reporter.add(report("KDP2203", params, arg.value.span, { variant: "argument", related }));
      }
      bind(formal, value ?? UNKNOWN);
    } else if (formal.default) {
      const value = literalValue(formal.default, decl.scope.base);
      bind(formal, conform(value, formal.type) ?? UNKNOWN);
    } else {
      // An unnamed argument was probably meant for it, and that has been said.
      if (unnamed.length === 0) {
        const related = [{ span: formal.span, label: `takes ${typeText(formal.type)}` }];
        reporter.add(report("KDP2202", { callee: site.name, name: text }, site.nameSpan, { related }));
      }
      bind(formal, UNKNOWN);
    }
  }
  return localsOf(bindings);
}

const localsOf = (bindings: ReadonlyMap<string, Binding>): Locals => ({
  find: (name) => bindings.get(name) ?? null,
  findLater: () => null,
  names: () => [...bindings].map(([name, { value }]) => ({ name, value })),
});
