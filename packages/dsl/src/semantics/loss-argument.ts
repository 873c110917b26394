import { report } from "../diagnostics/create-diagnostic.js";
import type { Fix } from "../diagnostics/diagnostic.js";
import type { Arg, ListExpr } from "../syntax/ast.js";
import type { CallSite } from "./calls.js";
import { evaluateSettled } from "./evaluate.js";
import type { Frame } from "./frame.js";
import { argsOf, between, endOf, startOf, writtenName } from "./places.js";
import { typeName } from "./type-names.js";
import type { LossValue, Value } from "./values.js";

/** One of the losses of a call; null for anything else, which has then been reported. */
export function lossArgument(arg: Arg, site: CallSite, frame: Frame): LossValue | null {
  const value = evaluateSettled(arg.value, frame, "loss");
  if (value.kind === "loss") return value;
  if (value.kind !== "unknown") {
    const params = { name: "loss", callee: site.name, expected: "Loss", actual: typeName(value) };
    const advice = isLosses(value) ? adviceFor(arg, site) : {};
    frame.session.reporter.add(report("KDP2203", params, arg.value.span, { variant: "argument", ...advice }));
  }
  return null;
}

const isLosses = (value: Value): boolean =>
  value.kind === "list" &&
  value.elements.length > 0 &&
  value.elements.every((element) => element.value.kind === "loss");

/** Losses are arguments one by one. A list that stands elsewhere can't be unpacked from here. */
function adviceFor(
  { value }: Arg,
  site: CallSite,
): { readonly fixes?: readonly Fix[]; readonly notes?: readonly string[] } {
  if (value.kind !== "list") return { notes: [`losses stand one after the other: \`${site.name}(first, second)\``] };
  const losses = value.elements.map((loss) => `${writtenName(loss.value)}${argsOf(loss.value)?.length ? "(…)" : ""}`);
  return { fixes: [unpack(`write the losses one after the other: \`${losses.join(", ")}\``, value)] };
}

/** Takes away the brackets of a list, a comma at its end, and the labels, which would name arguments of the call. */
function unpack(title: string, list: ListExpr): Fix {
  const opening = { ...list.span, end: list.span.start + 1 };
  const last = list.elements.at(-1);
  const closing = between(endOf(last?.span ?? opening), endOf(list.span));
  const labels = list.elements.flatMap(({ label, value }) =>
    label ? [between(startOf(label.span), startOf(value.span))] : [],
  );
  return { title, edits: [opening, ...labels, closing].map((span) => ({ span, text: "" })) };
}
