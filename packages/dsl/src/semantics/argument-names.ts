import { fix, report } from "../diagnostics/create-diagnostic.js";
import { type Candidate, didYouMean } from "../diagnostics/did-you-mean.js";
import type { Arg, Name } from "../syntax/ast.js";
import type { Frame } from "./frame.js";
import { insertBefore } from "./places.js";

/** KDP2201, with the argument that was probably meant. */
function reportUnknownArgument(callee: string, label: Name, known: readonly Candidate[], frame: Frame): void {
  const { reporter } = frame.session;
  const suggestion = didYouMean(label.text, known);
  if (suggestion !== null) {
    const fixes = [fix(`write \`${suggestion}\``, label.span, suggestion)];
    const params = { callee, name: label.text, suggestion };
    reporter.add(report("KDP2201", params, label.span, { variant: "suggestion", fixes }));
    return;
  }
  const names = known.map(({ name }) => name);
  const notes = [names.length === 0 ? `\`${callee}\` has no arguments` : `it takes: ${names.join(", ")}`];
  reporter.add(report("KDP2201", { callee, name: label.text }, label.span, { notes }));
}

/** KDP2207; `meant` is the only argument that could have been meant, if there is one. */
export function reportUnnamedArgument(callee: string, arg: Arg, meant: string | null, frame: Frame): void {
  const { reporter } = frame.session;
  if (meant === null) {
    reporter.add(report("KDP2207", { callee }, arg.span));
    return;
  }
  const fixes = [insertBefore(`write \`${meant}: …\``, arg.span, `${meant}: `)];
  reporter.add(report("KDP2207", { callee, suggestion: meant }, arg.span, { variant: "suggestion", fixes }));
}

export interface SortedArguments {
  /** First argument of each name. */
  readonly named: ReadonlyMap<string, Arg>;
  readonly unnamed: readonly Arg[];
  /** Arguments that nothing takes; to be evaluated for the mistakes inside them. */
  readonly stray: readonly Arg[];
}

/** Sorts the arguments of a call and reports unknown names (KDP2201) and repeats (KDP2206). */
export function sortArguments(
  callee: string,
  args: readonly Arg[],
  known: readonly Candidate[],
  frame: Frame,
): SortedArguments {
  const named = new Map<string, Arg>();
  const unnamed: Arg[] = [];
  const stray: Arg[] = [];
  for (const arg of args) {
    const { label } = arg;
    if (!label) {
      if (arg.value.kind !== "missing") unnamed.push(arg);
      continue;
    }
    if (label.missing) stray.push(arg);
    else if (!known.some(({ name }) => name === label.text)) {
      reportUnknownArgument(callee, label, known, frame);
      stray.push(arg);
    } else if (named.has(label.text)) {
      const related = [{ span: named.get(label.text)!.span, label: "the first time" }];
      const params = { name: label.text };
      frame.session.reporter.add(report("KDP2206", params, label.span, { related }));
      stray.push(arg);
    } else named.set(label.text, arg);
  }
  return { named, unnamed, stray };
}
