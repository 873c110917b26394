import type { Role } from "@kdp/plugin-api";
import { fix, report } from "../../diagnostics/create-diagnostic.js";
import type { Fix } from "../../diagnostics/diagnostic.js";
import type { Expr } from "../../syntax/ast.js";
import type { Frame } from "../frame.js";
import { headOf, type StageContext } from "../stages/input.js";
import type { BoundCall, EventsRef } from "../values.js";

/** KDP3301: a model that learns from held-out events is judged on what it has seen. */
export function checkTrainEvents(events: EventsRef, { call, place, frame }: StageContext): void {
  const { role } = events.type;
  if (role === "train") return;
  const fixes = place.input ? takeRole(place.input, "train") : [];
  const related = [{ span: headOf(call, place), label: "learns from them here" }];
  const params = { callee: call.callee, role };
  frame.session.reporter.add(report("KDP3301", params, place.inputSpan, { fixes, related }));
}

/** KDP3301 for the events of a lesson. */
export function checkDistillEvents(events: EventsRef, { call, frame }: StageContext): void {
  const { role } = events.type;
  const on = call.ports.on;
  // Without `on:` they are the teachers' own, and were judged there.
  if (role === "train" || !on) return;
  const fixes = takeRole(on.expr, "train");
  frame.session.reporter.add(report("KDP3301", { role }, on.expr.span, { variant: "distill", fixes }));
}

/** KDP3302: `valid:` decides what is kept; it must be the part that is there for it. */
export function checkValidRole(call: BoundCall, frame: Frame): void {
  const valid = call.ports.valid;
  if (!valid || valid.value.type.role === "valid") return;
  const params = { callee: call.callee, role: valid.value.type.role };
  const fixes = takeRole(valid.expr, "valid");
  frame.session.reporter.add(report("KDP3302", params, valid.expr.span, { fixes }));
}

/** Measuring on the train events measures nothing: they are left out of every ranking. */
export function checkHeldOut(events: EventsRef, expr: Expr, { call, frame }: StageContext): void {
  const { role } = events.type;
  if (role === "valid" || role === "test") return;
  const params = {
    name: "on",
    callee: call.callee,
    expected: "Events (valid) or Events (test)",
    actual: `Events (${role})`,
  };
  const notes = ["training items are left out of every ranking, so that nothing could be found there"];
  const fixes = takeRole(expr, "test");
  frame.session.reporter.add(report("KDP2203", params, expr.span, { variant: "argument", fixes, notes }));
}

/** `split.test` becomes `split.train`; nothing can be proposed for another expression. */
function takeRole(expr: Expr, role: Role): readonly Fix[] {
  if (expr.kind !== "member") return [];
  return [fix(`take the ${role} events`, expr.member.span, role)];
}
