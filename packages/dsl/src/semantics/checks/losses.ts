import { report } from "../../diagnostics/create-diagnostic.js";
import type { Frame } from "../frame.js";
import { addArgument } from "../places.js";
import type { BoundCall } from "../values.js";

/** KDP3306 and the first half of KDP2202: a lesson must teach something. */
export function checkLosses(call: BoundCall, frame: Frame): void {
  checkTemperature(call, frame);
  if (call.signature.positional?.takes !== "losses") return;
  const isGiven = call.written?.some((arg) => arg.label === null) ?? false;
  if (!isGiven) {
    const names = frame.session.library.namesOf("loss");
    const example = names.includes("listwise") ? "listwise" : names[0];
    const fixes = example === undefined ? [] : [addArgument(call, example)];
    const notes = names.length > 0 ? [`losses are: ${names.join(", ")}`] : [];
    frame.session.reporter.add(
      report("KDP2202", { callee: call.callee, name: "loss" }, call.calleeSpan, { fixes, notes }),
    );
  }
  const weights = call.losses.map((loss) => loss.call.params.weight);
  if (weights.length > 0 && weights.every((weight) => weight?.value === 0)) {
    const place = weights[0]?.span ?? call.span;
    frame.session.reporter.add(report("KDP3306", {}, place));
  }
}

/** Scores are divided by a temperature. */
function checkTemperature(call: BoundCall, frame: Frame): void {
  const temperature = call.params.temperature;
  if (call.signature.kind !== "loss" || typeof temperature?.value !== "number" || temperature.value > 0) return;
  const params = { loss: call.callee, value: temperature.value };
  frame.session.reporter.add(report("KDP3306", params, temperature.span ?? call.span, { variant: "temperature" }));
}
