import type { Role } from "@kdp/plugin-api";
import { unite } from "../axes.js";
import { checkClusterArguments } from "../checks/clusters.js";
import { checkHeldOut } from "../checks/event-roles.js";
import { checkCutoffs } from "../checks/ranking-length.js";
import { checkMeasuredSplit } from "../checks/split-leaks.js";
import { checkSameData } from "../checks/universes.js";
import { checkViews } from "../checks/views.js";
import { type MetricsType, type TeacherRef, UNKNOWN, type Value } from "../values.js";
import { headOf, type StageContext } from "./input.js";
import { makeNode, numberOf, refTo, single } from "./make-node.js";
import { evaluateParams, sharedClusters } from "./shared-clusters.js";

/** `model -> evaluate(on: split.test, metrics: [ndcg@10])` */
export function metricsOf(model: TeacherRef, context: StageContext): Value {
  const { call, place, frame } = context;
  const on = call.ports.on;
  if (!on) return UNKNOWN;
  const snapshots = call.params.snapshots?.value === true;
  const needs = snapshots ? (["ranking", "trajectory"] as const) : (["ranking"] as const);
  checkViews({ needs, callee: call.callee, span: headOf(call, place) }, model, frame);
  checkHeldOut(on.value, on.expr, context);
  checkSameData(model, on.value, on.expr.span, "on", context);
  checkMeasuredSplit(model, on.value, on.expr, context);

  const given = call.params.metrics?.value;
  const keys = Array.isArray(given) ? given.filter((key): key is string => typeof key === "string") : [];
  checkCutoffs(keys, model, context);
  checkClusterArguments(keys, context);
  const role: Role = on.value.type.role;
  const axes = unite(call.axes, model.axes);
  const clusters = sharedClusters(on.value, context);
  const node = makeNode(context, {
    type: { kind: "Metrics", keys, role },
    inputs: [single("model", model), single("on", on.value), ...(clusters ? [single("clusters", clusters)] : [])],
    axes,
    params: evaluateParams(call.params, clusters !== null),
  });
  const type: MetricsType = {
    kind: "Metrics",
    universe: on.value.type.universe,
    keys,
    role,
    on: on.value,
    candidates: numberOf(call.params, "candidates"),
    candidateSeed: numberOf(call.params, "candidate_seed") ?? 0,
  };
  // With the list of metrics in doubt, a key that is missing from it would be blamed for nothing.
  return call.params.metrics ? refTo(node, type, axes) : UNKNOWN;
}
