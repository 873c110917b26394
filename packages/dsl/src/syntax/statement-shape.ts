import type { IToken, TokenType } from "chevrotain";
import { suggestions } from "../diagnostics/did-you-mean.js";
import * as T from "./tokens.js";

/** What must follow a statement keyword for the text to be that statement. `value` is the start of any expression. */
const SHAPES: ReadonlyMap<TokenType, readonly (readonly TokenType[])[]> = new Map([
  [T.Kdp, [[T.Int]]],
  [T.Use, [[T.Text]]],
  [T.Import, [[T.LCurly]]],
  [T.Stage, [[T.Identifier], [T.LParen]]],
  [T.Pipeline, [[T.Identifier], [T.LCurly]]],
  [T.Param, [[T.Identifier], [T.Colon]]],
  [T.Matrix, [[T.LCurly]]],
  [T.Let, [[T.Identifier], [T.Equals, T.Colon]]],
  [T.Export, [[T.Identifier], [T.Equals]]],
  [T.Expect, [[T.Identifier, T.Metric, T.Int, T.Float]]],
]);

/** Tokens after which a statement cannot be over. */
const UNFINISHED: ReadonlySet<TokenType> = new Set([
  ...[T.Use, T.Import, T.Stage, T.Pipeline, T.Param, T.Let, T.Expect, T.Export, T.As, T.From, T.At],
  ...[
    T.Arrow,
    T.BadArrow,
    T.Compare,
    T.BadCompare,
    T.Equals,
    T.BadEquals,
    T.Plus,
    T.Minus,
    T.BadMinus,
    T.Times,
    T.Divide,
  ],
  ...[T.Dot, T.DotDot, T.Comma, T.Colon, T.Pipe, T.LParen, T.LSquare],
]);

export function isUnfinished(token: IToken | undefined): boolean {
  return token !== undefined && UNFINISHED.has(token.tokenType);
}

/** Whether a token counts as one of the type, by itself or by category. */
export function is(token: IToken | undefined, type: TokenType): boolean {
  if (!token) return false;
  return token.tokenType === type || (token.tokenType.CATEGORIES?.includes(type) ?? false);
}

/** A keyword is taken as a name after another one, so keywords count as names here: `let stage = …`. */
function fits(token: IToken | undefined, allowed: readonly TokenType[]): boolean {
  return allowed.some(
    (type) => is(token, type) || (type === T.Identifier && T.STATEMENT_KEYWORDS.some((k) => is(token, k))),
  );
}

/** Whether the tokens from `at` on look like the statement that `keyword` starts. */
export function hasShape(keyword: TokenType, tokens: readonly IToken[], at: number): boolean {
  return SHAPES.get(keyword)?.every((allowed, ahead) => fits(tokens[at + 1 + ahead], allowed)) ?? false;
}

/** The statement keyword that the name at `at` is a misspelling of, if what follows looks like that statement. */
export function misspeltKeyword(
  tokens: readonly IToken[],
  at: number,
  allowed: readonly TokenType[],
): TokenType | null {
  const image = tokens[at]?.image ?? "";
  const ranked = suggestions(image, allowed.map(T.wordOf));
  for (const word of ranked) {
    const keyword = allowed.find((type) => T.wordOf(type) === word);
    if (keyword && hasShape(keyword, tokens, at)) return keyword;
  }
  return null;
}

/** Makes a token one of another type; the parser looks at the type, messages at the text. */
export function retag(token: IToken, type: TokenType): void {
  token.tokenType = type;
  if (type.tokenTypeIdx !== undefined) token.tokenTypeIdx = type.tokenTypeIdx;
}
