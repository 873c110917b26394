import type { CstNode, IToken } from "chevrotain";
import { fix, report } from "../diagnostics/create-diagnostic.js";
import { type BuildContext, inSourceOrder, startOf } from "./build-context.js";
import { endOf, tokenName, tokenSpan } from "./syntax-context.js";

interface SeparatorRules {
  /** Whether a comma between two parts is required; a matrix does without. */
  readonly required: boolean;
  /** What stands between commas, in words. */
  readonly part: string;
}

/**
 * Parts of a delimited list in the order of the text. The grammar takes commas and parts in any mixture; this reports a
 * comma that is missing and one that has nothing before it. A trailing comma is fine.
 */
export function separated<N extends CstNode | IToken>(
  parts: readonly N[] | undefined,
  commas: readonly IToken[] | undefined,
  rules: SeparatorRules,
  context: BuildContext,
): readonly N[] {
  const ordered = inSourceOrder(parts ?? []);
  const separators = commas ?? [];
  let next = 0;
  let first = true;
  let end = 0;
  for (const part of ordered) {
    const start = startOf(part);
    let found = 0;
    for (; next < separators.length && separators[next]!.startOffset < start; next++) {
      if (found > 0 || first) reportEmptyPart(separators[next]!, rules, context);
      found++;
    }
    if (!first && found === 0 && rules.required) reportMissing(end, start, context);
    first = false;
    end = nodeEnd(part);
  }
  for (let found = 0; next < separators.length; next++, found++) {
    if (found > 0 || first) reportEmptyPart(separators[next]!, rules, context);
  }
  return ordered;
}

function nodeEnd(part: CstNode | IToken): number {
  return "tokenType" in part ? endOf(part) : (part.location?.endOffset ?? Number.NaN) + 1;
}

/** `end` is that of the part before. Where recovery left something out between the parts, its message is enough. */
function reportMissing(end: number, start: number, context: BuildContext): void {
  const previous = context.tokenBefore(start);
  if (!previous || endOf(previous) !== end) return;
  const place = context.span(endOf(previous), endOf(previous));
  context.add(report("KDP0005", { previous: tokenName(previous) }, place, { fixes: [fix("add a comma", place, ",")] }));
}

function reportEmptyPart(comma: IToken, rules: SeparatorRules, context: BuildContext): void {
  const previous = context.tokenBefore(comma.startOffset);
  const span = tokenSpan(context, comma);
  const params = { expected: rules.part, previous: previous ? tokenName(previous) : "the start" };
  context.add(report("KDP0003", params, span, { fixes: [fix("remove the comma", span, "")] }));
}
