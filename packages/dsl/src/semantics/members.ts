import { fix, report } from "../diagnostics/create-diagnostic.js";
import type { Span } from "../diagnostics/diagnostic.js";
import { didYouMean } from "../diagnostics/did-you-mean.js";
import type { Member } from "../syntax/ast.js";
import { evaluate } from "./evaluate.js";
import type { PluginDecl } from "./files.js";
import type { Frame } from "./frame.js";
import { metricByName } from "./metrics.js";
import { fitsSignature, type Want } from "./names.js";
import { memberText, writtenName } from "./places.js";
import { typeName } from "./type-names.js";
import { type EventsType, type MetricsType, type RefValue, UNKNOWN, type Value } from "./values.js";

const ATTRIBUTES = ["bytes", "parameters"] as const;

/** `split.train`, `teachers.mf`, `scores.ndcg@10`, `kd.bytes`, `topo.hierarchical`. */
export function evaluateMember(expr: Member, frame: Frame, want: Want): Value {
  const object = evaluate(expr.object, frame);
  const name = memberText(expr);
  if (name === null || object.kind === "unknown") return UNKNOWN;
  const place: Place = { owner: ownerName(expr, object), name, span: expr.member.span, frame };
  if (object.kind === "namespace") return pluginMember(frame.file.plugins.get(object.alias)!, expr, frame, want, place);
  if (object.kind === "list") return listMember(object, place);
  if (object.kind === "stage" || object.kind === "callable" || object.kind === "macro") {
    const stage = writtenName(expr.object) ?? "this";
    frame.session.reporter.add(report("KDP2223", { name: stage }, expr.object.span));
    return UNKNOWN;
  }
  if (object.kind !== "ref") return noMember([], place);
  switch (object.type.kind) {
    case "Split": {
      const role = object.type.parts.find((part) => part === name);
      if (!role) return noMember(object.type.parts, place);
      const type: EventsType = { kind: "Events", universe: object.type.universe, role };
      return { ...object, output: role, type };
    }
    case "Metrics":
      return metricMember(object, object.type, place);
    case "Model": {
      const attribute = ATTRIBUTES.find((known) => known === name);
      if (!attribute) return noMember(ATTRIBUTES, place);
      return { kind: "measure", ref: object, measure: { kind: "attribute", name: attribute }, axes: object.axes };
    }
    default:
      return noMember([], place);
  }
}

interface Place {
  readonly owner: string;
  readonly name: string;
  readonly span: Span;
  readonly frame: Frame;
}

function ownerName(expr: Member, object: Value): string {
  const name = writtenName(expr.object);
  return name === null ? `this ${typeName(object)}` : `\`${name}\``;
}

function listMember(list: Value & { kind: "list" }, place: Place): Value {
  const element = list.elements.find((candidate) => candidate.label === place.name);
  if (element) return element.value;
  return noMember(
    list.elements.flatMap((candidate) => candidate.label ?? []),
    place,
  );
}

function metricMember(object: RefValue, type: MetricsType, place: Place): Value {
  // A plugin's metric may be named without its package.
  const key = type.keys.find((known) => known === place.name) ?? type.keys.find((k) => k.endsWith(`.${place.name}`));
  if (key !== undefined) {
    return { kind: "measure", ref: object, measure: { kind: "metric", key }, axes: object.axes };
  }
  const { reporter } = place.frame.session;
  const owner = place.owner.replaceAll("`", "");
  const metrics = type.keys.map((known) => `\`${known}\``).join(", ");
  const nearest = didYouMean(place.name, type.keys);
  const fixes = nearest === null ? [] : [fix(`write \`${nearest}\``, place.span, nearest)];
  const params = { owner, metric: place.name };
  const related = [{ span: object.node.span, label: "measured here" }];
  reporter.add(
    type.keys.length === 0
      ? report("KDP2222", params, place.span, { related })
      : report("KDP2222", { ...params, metrics }, place.span, { variant: "suggestion", related, fixes }),
  );
  return UNKNOWN;
}

function pluginMember(plugin: PluginDecl, expr: Member, frame: Frame, want: Want, place: Place): Value {
  const { catalogue } = plugin;
  if (!catalogue) return UNKNOWN;
  if ("metric" in expr.member) {
    const signature = catalogue.find(expr.member.metric);
    return metricByName(expr.member, catalogue, signature ? `${signature.plugin}.` : "", frame, []);
  }
  const signature = catalogue.find(place.name);
  if (signature) return { kind: "callable", name: place.name, signature };
  const names = catalogue.names();
  const fitting = names.map((name) => ({ name, rank: fitsSignature(catalogue.find(name)!, want) ? 0 : 1 }));
  return noMember(names, place, didYouMean(place.name, fitting));
}

function noMember(members: readonly string[], place: Place, nearest = didYouMean(place.name, members)): Value {
  const { owner, name, span, frame } = place;
  const { reporter } = frame.session;
  if (members.length === 0) reporter.add(report("KDP1105", { owner }, span, { variant: "none" }));
  else if (nearest === null) {
    reporter.add(report("KDP1105", { owner, name }, span, { notes: [`it has: ${members.join(", ")}`] }));
  } else {
    const fixes = [fix(`write \`${nearest}\``, span, nearest)];
    reporter.add(report("KDP1105", { owner, name, suggestion: nearest }, span, { variant: "suggestion", fixes }));
  }
  return UNKNOWN;
}
