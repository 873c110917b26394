import type { CstNode, IToken } from "chevrotain";
import type { Span } from "../diagnostics/diagnostic.js";
import type { Name } from "./ast.js";
import { is } from "./statement-shape.js";
import { endOf, type SyntaxContext } from "./syntax-context.js";
import { Starter } from "./tokens.js";

/** Recovery may leave out any part of a node, so every child is optional, whatever the grammar says. */
export type Parts<N extends CstNode> = { readonly [K in keyof N["children"]]?: N["children"][K] };

export function partsOf<N extends CstNode>(node: N): Parts<N> {
  return node.children as Parts<N>;
}

/** Steps of building an AST: the context of the parse, and where in the text things are. */
export interface BuildContext extends SyntaxContext {
  /** The last token with a text that ends at or before the offset. */
  tokenBefore(offset: number): IToken | null;
  /** The first token with a text that starts at or after the offset. */
  tokenFrom(offset: number): IToken | null;
  /** Where the statement around the offset starts. */
  statementStart(offset: number): number;
  /** A name that is nowhere in the text and was not given before: `base`, `base2`, … */
  freshName(base: string): string;
  /** Text of the `///` lines before the offset, null without any. */
  docBefore(offset: number): string | null;
}

export function createBuildContext(
  context: SyntaxContext,
  tokens: readonly IToken[],
  comments: readonly IToken[],
): BuildContext {
  const real = tokens.filter((token) => token.image !== "");
  const given = new Set<string>();
  const tokenBefore = (offset: number) => real[lastEndingBefore(real, offset)] ?? null;
  return {
    ...context,
    tokenBefore,
    tokenFrom: (offset) => {
      let at = Math.max(0, lastEndingBefore(real, offset));
      while (at < real.length && real[at]!.startOffset < offset) at++;
      return real[at] ?? null;
    },
    statementStart: (offset) => {
      let at = lastEndingBefore(real, offset);
      while (at > 0 && !is(real[at], Starter)) at--;
      return real[at]?.startOffset ?? 0;
    },
    freshName: (base) => {
      let name = base;
      for (let count = 2; given.has(name) || new RegExp(`\\b${name}\\b`).test(context.text); count++)
        name = `${base}${count}`;
      given.add(name);
      return name;
    },
    docBefore: (offset) => {
      const previous = tokenBefore(offset);
      const from = previous ? endOf(previous) : 0;
      const lines: string[] = [];
      for (let at = lastEndingBefore(comments, offset); at >= 0; at--) {
        const comment = comments[at]!;
        if (comment.startOffset < from) break;
        if (comment.tokenType.name === "DocComment") lines.push(comment.image.slice(3).replace(/^ /, "").trimEnd());
      }
      return lines.length > 0 ? lines.reverse().join("\n") : null;
    },
  };
}

/** Index of the last token that ends at or before the offset; -1 when there is none. */
function lastEndingBefore(tokens: readonly IToken[], offset: number): number {
  let low = 0;
  let high = tokens.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (endOf(tokens[middle]!) <= offset) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

/** Place of a node; where it is empty, the point `fallback`. */
export function nodeSpan(context: SyntaxContext, node: CstNode, fallback: number): Span {
  const { startOffset, endOffset } = node.location ?? {};
  if (startOffset === undefined || Number.isNaN(startOffset)) return context.span(fallback, fallback);
  const end = endOffset === undefined || Number.isNaN(endOffset) ? startOffset : endOffset + 1;
  return context.span(startOffset, Math.max(startOffset, end));
}

/** A name token as a name; a token that recovery invented, or none at all, as a missing name at `fallback`. */
export function buildName(context: SyntaxContext, token: IToken | undefined, fallback: number): Name {
  if (!token || token.image === "") return { text: "", span: context.span(fallback, fallback), missing: true };
  return { text: token.image, span: context.span(token.startOffset, endOf(token)) };
}

/** End of a token that may be missing or invented. */
export function endOr(token: IToken | undefined, fallback: number): number {
  return token && token.image !== "" ? endOf(token) : fallback;
}

/** A node or token among others, by its place in the text. */
export function inSourceOrder<T extends CstNode | IToken>(parts: readonly T[]): readonly T[] {
  return parts.length < 2 ? parts : [...parts].sort((a, b) => startOf(a) - startOf(b));
}

export function startOf(part: CstNode | IToken): number {
  const start = "tokenType" in part ? part.startOffset : part.location?.startOffset;
  return start === undefined || Number.isNaN(start) ? Number.POSITIVE_INFINITY : start;
}
