import type { LossFacts } from "@kdp/plugin-api";
import type { Origin, ParamValue } from "../../plan/plan.js";
import type { BoundCall, LossValue, ResolvedArgument } from "../values.js";

/** A loss is a setting: it has no node. */
export function lossOf(call: BoundCall): LossValue {
  const { stage, plugin, facts } = call.signature;
  return {
    kind: "loss",
    callee: call.callee,
    calleeSpan: call.calleeSpan,
    spec: { stage, plugin, params: valuesOf(call.params), origins: originsOf(call.params) },
    facts: facts as LossFacts,
    call,
    axes: call.axes,
  };
}

export const valuesOf = (params: Readonly<Record<string, ResolvedArgument>>): Readonly<Record<string, ParamValue>> =>
  Object.fromEntries(Object.entries(params).map(([name, { value }]) => [name, value]));

export const originsOf = (params: Readonly<Record<string, ResolvedArgument>>): Readonly<Record<string, Origin>> =>
  Object.fromEntries(Object.entries(params).map(([name, { origin }]) => [name, origin]));
