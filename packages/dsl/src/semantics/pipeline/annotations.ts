import { fix, report } from "../../diagnostics/create-diagnostic.js";
import { didYouMean } from "../../diagnostics/did-you-mean.js";
import { RUN_SCHEMAS } from "../../library/core.js";
import type { RunSpec } from "../../plan/plan.js";
import type { Let } from "../../syntax/ast.js";
import { sortArguments } from "../argument-names.js";
import { coerceArgument } from "../arguments.js";
import { evaluate, refuseOver } from "../evaluate.js";
import type { Frame } from "../frame.js";
import type { Value } from "../values.js";

/** `@run(gpu: 1, memory: 16GB, timeout: 2h, retries: 1)` */
export function runSpecOf(statement: Let, frame: Frame): RunSpec {
  const given: Record<string, number | string> = {};
  for (const { name, args } of statement.annotations) {
    if (name.missing) continue;
    if (name.text !== "run") {
      reportUnknown(name.text, name.span, frame);
      continue;
    }
    const known = Object.keys(RUN_SCHEMAS).map((key) => ({ name: key, rank: 0 }));
    const { named, unnamed, stray } = sortArguments("@run", args, known, frame);
    for (const arg of [...unnamed, ...stray]) evaluate(arg.value, frame);
    if (unnamed[0]) frame.session.reporter.add(report("KDP2207", { callee: "@run" }, unnamed[0].span));
    for (const [key, arg] of named) {
      refuseOver(arg, frame);
      const place = { callee: "@run", name: key, expr: arg.value, frame };
      const resolved = coerceArgument(evaluate(arg.value, frame), RUN_SCHEMAS[key]!, place);
      if (typeof resolved?.value === "number" || typeof resolved?.value === "string") given[key] = resolved.value;
    }
  }
  const { gpu, memory, timeout, retries, device } = given;
  return {
    ...(typeof gpu === "number" ? { gpu } : {}),
    ...(typeof memory === "number" ? { memoryBytes: memory } : {}),
    ...(typeof timeout === "number" ? { timeoutSeconds: timeout } : {}),
    ...(typeof retries === "number" ? { retries } : {}),
    ...(typeof device === "string" ? { device } : {}),
  };
}

function reportUnknown(name: string, span: Let["span"], frame: Frame): void {
  const suggestion = didYouMean(name, ["run"]);
  const fixes = suggestion === null ? [] : [fix(`write \`${suggestion}\``, span, suggestion)];
  frame.session.reporter.add(
    suggestion === null
      ? report("KDP1101", { kind: "annotation", name }, span, { notes: ["the only annotation is `@run(…)`"] })
      : report("KDP1101", { kind: "annotation", name, suggestion }, span, { variant: "suggestion", fixes }),
  );
}

/** A stage keeps the wishes of its `let`: they go with it to where it lands. */
export function withRun(value: Value, run: RunSpec): Value {
  if (Object.keys(run).length === 0) return value;
  if (value.kind === "stage") {
    const steps = value.steps.map((step) => {
      const { target } = step;
      if (target.kind === "call") return { ...step, target: { ...target, run: { ...run, ...target.run } } };
      const inner = withRun(target, run);
      return inner.kind === "stage" || inner.kind === "list" ? { ...step, target: inner } : step;
    });
    return { ...value, steps };
  }
  if (value.kind !== "list") return value;
  return { ...value, elements: value.elements.map((element) => ({ ...element, value: withRun(element.value, run) })) };
}
