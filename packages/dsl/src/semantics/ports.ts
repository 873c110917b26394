import type { Role } from "@kdp/plugin-api";
import { report } from "../diagnostics/create-diagnostic.js";
import type { Fix } from "../diagnostics/diagnostic.js";
import type { Expr } from "../syntax/ast.js";
import type { CallSite } from "./calls.js";
import type { Frame } from "./frame.js";
import { endOf } from "./places.js";
import { typeName } from "./type-names.js";
import { type EventsRef, isTeacher, type TeacherRef, type Value } from "./values.js";

export interface PortPlace {
  readonly site: CallSite;
  readonly name: string;
  readonly expr: Expr;
  readonly frame: Frame;
}

/** A value as events on a secondary input; null when it is something else, which has then been reported. */
export function acceptPort(value: Value, place: PortPlace): EventsRef | null {
  const { site, name, expr, frame } = place;
  if (value.kind === "unknown") return null;
  if (isEvents(value)) return value;
  const role = usualRole(site, name);
  const fixes = value.kind === "ref" && value.type.kind === "Split" ? [takePart(expr, role)] : [];
  const params = { name, callee: site.name, expected: `Events (${role})`, actual: typeName(value) };
  frame.session.reporter.add(report("KDP2203", params, expr.span, { variant: "argument", fixes }));
  return null;
}

/** A value as a teacher on a secondary input; null when it is something else, which has then been reported. */
export function acceptTeacherPort(value: Value, { site, name, expr, frame }: PortPlace): TeacherRef | null {
  if (value.kind === "unknown") return null;
  if (value.kind === "ref" && isTeacher(value.type)) return { ...value, type: value.type };
  const params = { name, callee: site.name, expected: "a Model or another Teacher", actual: typeName(value) };
  frame.session.reporter.add(report("KDP2203", params, expr.span, { variant: "argument" }));
  return null;
}

export const isEvents = (value: Value): value is EventsRef => value.kind === "ref" && value.type.kind === "Events";

/** The fix for a whole split where one of its parts belongs. */
export function takePart(expr: Expr, role: Role): Fix {
  return { title: `take its ${role} part`, edits: [{ span: endOf(expr.span), text: `.${role}` }] };
}

/** The part of a split that usually stands at an input. */
export function usualRole(site: Pick<CallSite, "name">, port: string): Role {
  if (port === "valid") return "valid";
  return site.name === "evaluate" ? "test" : "train";
}

/** How to write events of a role with the names in sight: `split.train`. */
export function eventsInSight(frame: Frame, role: Role): string | null {
  for (const { name, value } of frame.locals.names()) {
    if (value.kind !== "ref") continue;
    if (value.type.kind === "Split" && value.type.parts.some((part) => part === role)) return `${name}.${role}`;
    if (value.type.kind === "Events" && value.type.role === role) return name;
  }
  return null;
}
