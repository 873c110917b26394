import { report } from "../../diagnostics/create-diagnostic.js";
import type { Expr } from "../../syntax/ast.js";
import type { CallSite } from "../calls.js";
import type { Frame } from "../frame.js";
import type { MeasureValue, TeacherRef } from "../values.js";

/** KDP3304: what is chosen by the test events has no honest test left; and it must be chosen by its own metric. */
export function checkSelection(by: MeasureValue, model: TeacherRef, expr: Expr, site: CallSite, frame: Frame): void {
  const { reporter } = frame.session;
  const { type, node } = by.ref;
  if (type.kind !== "Metrics") return;
  if (type.role === "test") {
    const related = [{ span: node.span, label: "measured on the test events" }];
    const notes = ["choose by the valid events: `… -> evaluate(on: split.valid, …)`"];
    reporter.add(report("KDP3304", { callee: site.name }, expr.span, { related, notes }));
  }
  const measured = node.inputs.find(({ port }) => port === "model");
  if (!measured || measured.ref.node === model.node) return;
  const params = {
    name: "by",
    callee: site.name,
    expected: "a metric of the model itself",
    actual: "one of another model",
  };
  const related = [{ span: node.span, label: "measures another model" }];
  reporter.add(report("KDP2203", params, expr.span, { variant: "argument", related }));
}
