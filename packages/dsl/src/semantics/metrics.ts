import { fix, report } from "../diagnostics/create-diagnostic.js";
import type { Span } from "../diagnostics/diagnostic.js";
import { didYouMean } from "../diagnostics/did-you-mean.js";
import type { Catalogue } from "../library/catalogue.js";
import { CORE_PLUGIN } from "../library/core-plugin.js";
import type { Signature } from "../library/signature.js";
import type { MetricRef } from "../syntax/ast.js";
import type { Axes } from "./axes.js";
import type { Frame } from "./frame.js";
import { type MetricValue, UNKNOWN, type Value } from "./values.js";

/** `ndcg@10`, looked up in a catalogue. `prefix` is the package name and a dot for metrics of a `use`d plugin. */
export function metricByName(ref: MetricRef, catalogue: Catalogue, prefix: string, frame: Frame, axes: Axes): Value {
  // The parser has told of a cut-off that is no number.
  if (Number.isNaN(ref.cutoff)) return UNKNOWN;
  const signature = catalogue.find(ref.metric);
  const { reporter } = frame.session;
  if (signature?.kind !== "metric") {
    const params = { kind: "metric", name: ref.metric };
    const suggestion = didYouMean(ref.metric, catalogue.namesOf("metric"));
    if (suggestion === null) {
      const notes = [`metrics are: ${catalogue.namesOf("metric").join(", ")}`];
      reporter.add(report("KDP1101", params, ref.span, { notes }));
    } else {
      const fixes = [fix(`write \`${suggestion}@${ref.cutoff}\``, ref.span, `${suggestion}@${ref.cutoff}`)];
      reporter.add(report("KDP1101", { ...params, suggestion }, ref.span, { variant: "suggestion", fixes }));
    }
    return UNKNOWN;
  }
  if (!hasCutoff(signature)) {
    const fixes = [fix(`write \`${ref.metric}\``, ref.span, ref.metric)];
    const params = { expected: `\`${ref.metric}\` without a cut-off`, actual: `\`${ref.metric}@${ref.cutoff}\`` };
    reporter.add(report("KDP2203", params, ref.span, { fixes }));
    return UNKNOWN;
  }
  if (ref.cutoff < 1) {
    const params = { name: "cut-off", constraint: "at least 1", value: ref.cutoff };
    reporter.add(report("KDP2205", params, ref.span));
    return UNKNOWN;
  }
  return { kind: "metric", key: `${prefix}${ref.metric}@${ref.cutoff}`, cutoff: ref.cutoff, axes };
}

/** A metric that is written as a bare name: it must be one without a cut-off. */
export function metricWithoutCutoff(signature: Signature, span: Span, frame: Frame): MetricValue | typeof UNKNOWN {
  if (hasCutoff(signature)) {
    const written = `${signature.stage}@10`;
    const params = { expected: `a metric with a cut-off, like \`${written}\``, actual: `\`${signature.stage}\`` };
    const fixes = [fix(`write \`${written}\``, { ...span, start: span.end }, "@10")];
    frame.session.reporter.add(report("KDP2203", params, span, { fixes }));
    return UNKNOWN;
  }
  return { kind: "metric", key: `${metricPrefix(signature, frame)}${signature.stage}`, cutoff: null, axes: [] };
}

const hasCutoff = (signature: Signature): boolean => signature.facts?.kind === "metric" && signature.facts.cutoff;

/** Metrics of the library go by their name alone; those of a plugin carry its package, as an alias means nothing elsewhere. */
function metricPrefix(signature: Signature, frame: Frame): string {
  const own = frame.session.library.find(signature.stage);
  return signature.plugin === CORE_PLUGIN || own?.plugin === signature.plugin ? "" : `${signature.plugin}.`;
}
