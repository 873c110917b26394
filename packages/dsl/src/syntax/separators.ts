import type { CstNode, IToken } from "chevrotain";
import { fix, report } from "../diagnostics/create-diagnostic.js";
import { type BuildContext, startOf } from "./build-context.js";
import { endOf, isArrowText, tokenName, tokenSpan } from "./syntax-context.js";

interface ListRules {
  /** Whether a comma between two parts is required; a matrix does without. */
  readonly required: boolean;
  /** What stands between commas, in words. */
  readonly part: string;
  readonly close: ")" | "]" | "}";
}

/** What a comma list of the grammar leaves behind. */
interface ListTokens {
  readonly Comma?: readonly IToken[] | undefined;
  /** Tokens that can be no part. */
  readonly Junk?: readonly IToken[] | undefined;
}

type Piece<N> = { readonly part: N } | { readonly comma: IToken } | { readonly junk: IToken };

/**
 * Parts of a delimited list in the order of the text. The grammar takes commas, parts and junk in any mixture; this reports a
 * comma that is missing, one that has nothing before it, and each stretch of junk. A trailing comma is fine.
 */
export function separated<N extends CstNode | IToken>(
  parts: readonly N[] | undefined,
  { Comma = [], Junk = [] }: ListTokens,
  rules: ListRules,
  context: BuildContext,
): readonly N[] {
  const ordered = parts ?? [];
  if (Junk.length === 0 && alternate(ordered, Comma)) return ordered;
  let before: Piece<N> | null = null;
  for (const piece of piecesOf(ordered, Comma, Junk)) {
    if ("comma" in piece) {
      if (!before || "comma" in before) reportEmptyPart(piece.comma, rules, context);
    } else if ("junk" in piece) {
      if (!before || !("junk" in before)) reportJunk(piece.junk, rules, context);
    } else if (before && "part" in before && rules.required) {
      reportMissing(before.part, piece.part, context);
    }
    before = piece;
  }
  return ordered;
}

/** Whether there is exactly one comma between two parts, and at most one behind the last. */
function alternate(parts: readonly (CstNode | IToken)[], commas: readonly IToken[]): boolean {
  if (commas.length !== parts.length && commas.length !== parts.length - 1) return false;
  return commas.every(({ startOffset }, index) => {
    const next = parts[index + 1];
    return startOffset > startOf(parts[index]!) && (!next || startOffset < startOf(next));
  });
}

function piecesOf<N extends CstNode | IToken>(
  parts: readonly N[],
  commas: readonly IToken[],
  junk: readonly IToken[],
): readonly Piece<N>[] {
  const pieces: { readonly start: number; readonly piece: Piece<N> }[] = [
    ...parts.map((part) => ({ start: startOf(part), piece: { part } })),
    ...commas.map((comma) => ({ start: comma.startOffset, piece: { comma } })),
    ...junk.filter(({ image }) => image !== "").map((token) => ({ start: token.startOffset, piece: { junk: token } })),
  ];
  return pieces.sort((a, b) => a.start - b.start).map(({ piece }) => piece);
}

function nodeEnd(part: CstNode | IToken): number {
  return "tokenType" in part ? endOf(part) : (part.location?.endOffset ?? Number.NaN) + 1;
}

function reportMissing(before: CstNode | IToken, part: CstNode | IToken, context: BuildContext): void {
  const previous = context.tokenBefore(startOf(part));
  // Where recovery left something out between the parts, its message is enough.
  if (!previous || endOf(previous) !== nodeEnd(before)) return;
  const place = context.span(endOf(previous), endOf(previous));
  context.add(report("KDP0005", { previous: tokenName(previous) }, place, { fixes: [fix("add a comma", place, ",")] }));
}

function reportEmptyPart(comma: IToken, rules: ListRules, context: BuildContext): void {
  const previous = context.tokenBefore(comma.startOffset);
  // Behind anything else recovery has left something out, with its own message.
  if (!previous || !OPENS_PART.test(previous.image)) return;
  const span = tokenSpan(context, comma);
  const params = { expected: rules.part, previous: tokenName(previous) };
  context.add(report("KDP0003", params, span, { fixes: [fix("remove the comma", span, "")] }));
}

/** Tokens behind which a part is due. */
const OPENS_PART = /^[([{,]$/;

function reportJunk(token: IToken, rules: ListRules, context: BuildContext): void {
  const previous = context.tokenBefore(token.startOffset);
  if (!previous) return;
  const span = tokenSpan(context, token);
  const due = OPENS_PART.test(previous.image);
  if (due && isArrowText(token.image)) {
    context.addParseError(report("KDP0006", { arrow: token.image }, span, { variant: "before" }));
    return;
  }
  const expected = due ? rules.part : `\`,\` or \`${rules.close}\``;
  context.addParseError(report("KDP0003", { expected, previous: tokenName(previous) }, span));
}
