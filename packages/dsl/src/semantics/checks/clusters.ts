import { report } from "../../diagnostics/create-diagnostic.js";
import type { Frame } from "../frame.js";
import { headOf, type StageContext } from "../stages/input.js";
import { CLUSTER_ARGUMENTS } from "../stages/shared-clusters.js";
import type { BoundCall } from "../values.js";

/** KDP2203: a training is watched without clusters. */
export function checkWatchedMetrics(call: BoundCall, frame: Frame): void {
  for (const [name, schema] of Object.entries(call.signature.params)) {
    const argument = call.params[name];
    if (call.signature.kind !== "model" || !argument || !(schema.type === "metric" || schema.items?.type === "metric"))
      continue;
    const key = [argument.value].flat().find((value) => typeof value === "string" && needsClusters(value, frame));
    if (key === undefined) continue;
    const params = { name, callee: call.callee, expected: "a metric without clusters", actual: `\`${key}\`` };
    const notes = ["only `evaluate(clusters: …)` measures in clusters of users"];
    frame.session.reporter.add(report("KDP2203", params, argument.span ?? call.span, { variant: "argument", notes }));
  }
}

function needsClusters(key: string, frame: Frame): boolean {
  const facts = frame.session.library.find(key.replace(/@.*/, ""))?.facts;
  return facts?.kind === "metric" && facts.clusters === true;
}

/** KDP2202: metrics and arguments that are about clusters, without `clusters:`. */
export function checkClusterArguments(keys: readonly string[], { call, place, frame }: StageContext): void {
  // A `clusters:` that is wrong was reported and is not missing.
  if (call.written?.some(({ label }) => label?.text === "clusters")) return;
  const metric = keys.find((key) => needsClusters(key, frame));
  const argument = call.written?.find(({ label }) => label && CLUSTER_ARGUMENTS.includes(label.text));
  if (metric === undefined && !argument) return;
  const reader = metric ?? argument?.label?.text ?? "";
  const notes = [
    `\`${reader}\` is about clusters of users`,
    "`clusters: teacher` makes them of the teacher's embeddings",
  ];
  const params = { callee: call.callee, name: "clusters" };
  frame.session.reporter.add(report("KDP2202", params, headOf(call, place), { notes }));
}
