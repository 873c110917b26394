import { report } from "../diagnostics/create-diagnostic.js";
import type { Span } from "../diagnostics/diagnostic.js";
import type { Signature } from "../library/signature.js";
import type { Arg } from "../syntax/ast.js";
import { bindCall } from "./bind-call.js";
import { dispatch } from "./dispatch.js";
import { evaluateSettled } from "./evaluate.js";
import type { Frame } from "./frame.js";
import { expandMacro } from "./macros.js";
import { metricWithoutCutoff } from "./metrics.js";
import { bestOf } from "./stages/best-of.js";
import { sourceNode } from "./stages/data.js";
import { lossOf } from "./stages/loss.js";
import { type BoundCall, type StageValue, UNKNOWN, type Value } from "./values.js";

export interface CallSite {
  /** As written: `bprmf`, `topo.hierarchical`. */
  readonly name: string;
  readonly nameSpan: Span;
  /** Null for a bare name that stands for a call. */
  readonly args: readonly Arg[] | null;
  /** All arguments in the source, also those that {@link args} leaves out; for fixes. */
  readonly written: readonly Arg[] | null;
  readonly span: Span;
}

/** A call, or a bare name that stands for one. */
export function callValue(callee: Value, site: CallSite, frame: Frame): Value {
  switch (callee.kind) {
    case "callable":
      return callSignature(callee.signature, site, frame);
    case "macro":
      return expandMacro(callee.decl, site, frame);
    default:
      for (const arg of site.args ?? []) evaluateSettled(arg.value, frame);
      if (callee.kind !== "unknown") reportNotCallable(site, frame);
      return UNKNOWN;
  }
}

function reportNotCallable(site: CallSite, frame: Frame): void {
  const bound = frame.locals.find(site.name);
  const related = bound ? [{ span: bound.span, label: `\`${site.name}\` is bound here` }] : [];
  const hidden = bound && frame.session.library.find(site.name);
  const notes = hidden ? [`it hides \`${site.name}\` of the library; give the \`let\` another name to call that`] : [];
  frame.session.reporter.add(
    report("KDP2223", { name: site.name }, site.nameSpan, { variant: "called", related, notes }),
  );
}

function callSignature(signature: Signature, site: CallSite, frame: Frame): Value {
  if (signature.kind === "metric") return metricWithoutCutoff(signature, site.nameSpan, frame);
  if (signature.kind === "export") {
    const notes = [`write \`artifact(format: "${signature.stage}")\``];
    frame.session.reporter.add(report("KDP2223", { name: site.name }, site.nameSpan, { variant: "spec", notes }));
    return UNKNOWN;
  }
  if (signature.dispatch) return dispatch(signature.dispatch, signature, site, frame);
  if (signature.stage === "best_of" && signature.kind === "core") return bestOf(signature, site, frame);
  const call = bindCall(signature, site, frame);
  if (signature.kind === "loss") return lossOf(call);
  return signature.input === null ? sourceNode(call, frame) : stageOf(call);
}

export const stageOf = (call: BoundCall): StageValue => ({
  kind: "stage",
  steps: [{ target: call, each: false, span: call.span, arrow: null }],
  axes: call.axes,
});
