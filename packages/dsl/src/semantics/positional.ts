import { report } from "../diagnostics/create-diagnostic.js";
import type { Signature } from "../library/signature.js";
import type { Arg } from "../syntax/ast.js";
import { reportUnnamedArgument, type SortedArguments } from "./argument-names.js";
import type { CallSite } from "./calls.js";
import type { Frame } from "./frame.js";

export interface PlacedArguments {
  readonly named: ReadonlyMap<string, Arg>;
  readonly losses: readonly Arg[];
  /** Arguments that nothing takes. */
  readonly stray: readonly Arg[];
}

/** Puts unnamed arguments where the signature wants them, and reports those that need a name. */
export function placeUnnamed(
  signature: Signature,
  site: CallSite,
  { named, unnamed, stray }: SortedArguments,
  frame: Frame,
): PlacedArguments {
  const { positional } = signature;
  const { reporter } = frame.session;
  if (positional?.takes === "losses") return { named, losses: unnamed, stray };
  const [first, second] = unnamed;
  if (!first) return { named, losses: [], stray };
  const refused = { named, losses: [], stray: [...stray, ...unnamed] };
  if (!positional) {
    reportUnnamedArgument(site.name, first, onlyArgument(signature, named), frame);
    return refused;
  }
  if (named.has(positional.name)) {
    reporter.add(report("KDP2206", { name: positional.name }, first.span));
    return refused;
  }
  if (second) reporter.add(report("KDP2207", { callee: site.name }, second.span, { variant: "many" }));
  return { named: new Map([...named, [positional.name, first]]), losses: [], stray: [...stray, ...unnamed.slice(1)] };
}

/** The only argument that an unnamed value could have been meant for. */
function onlyArgument(signature: Signature, named: ReadonlyMap<string, Arg>): string | null {
  const open = Object.entries(signature.params).filter(([name]) => !named.has(name));
  const required = open.filter(([, schema]) => schema.default === undefined);
  const { facts } = signature;
  if (required.length === 0 && facts?.kind === "model" && facts.width && !named.has(facts.width)) return facts.width;
  const likely = required.length > 0 ? required : open;
  return likely.length === 1 ? likely[0]![0] : null;
}
