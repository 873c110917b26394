import type { IToken, TokenType } from "chevrotain";
import { hasShape, is, isUnfinished } from "./statement-shape.js";
import * as T from "./tokens.js";

/** What is around a token while the tokens are read from left to right. */
export interface Surroundings {
  readonly tokens: readonly IToken[];
  readonly at: number;
  /** The token before, as repaired so far. */
  readonly previous: IToken | undefined;
  /** The one before that. */
  readonly earlier: IToken | undefined;
  /** Inside `(` or `[`. */
  readonly inList: boolean;
  /** Keyword of the innermost `{`: `Pipeline`, `Matrix`, `Exclude`, `Import`; null for others and at the level of the file. */
  readonly block: TokenType | null;
  /** Keyword of the statement being read. */
  readonly statement: TokenType | null;
}

export type KeywordRole = "statement" | "name" | "wrong-name" | "wrong-value";

/**
 * What a statement keyword is where it stands: after `.` and before `:` a plain name; where a name or a value is needed and
 * the rest does not look like a statement, a mistake; else the start of a statement.
 */
export function keywordRole(token: IToken, around: Surroundings): KeywordRole {
  const { tokens, at, previous, inList, block } = around;
  const shaped = hasShape(token.tokenType, tokens, at);
  const sameLine = previous?.endLine === token.startLine;
  if (previous?.tokenType === T.Dot && (sameLine || !shaped)) return "name";
  const beforeColon = tokens[at + 1]?.tokenType === T.Colon;
  const wantsName = is(previous, T.Starter) && previous?.tokenType !== T.Expect;
  if (beforeColon && (inList || block === T.Matrix || block === T.Exclude || wantsName)) return "name";
  if (shaped || !isUnfinished(previous) || !(sameLine || inList)) return "statement";
  return is(previous, T.Starter) || is(previous, T.As) ? "wrong-name" : "wrong-value";
}

/** Whether `@` starts the annotation of a statement, even inside a list that was left open. */
export function startsAnnotation(token: IToken, { tokens, at, previous, inList }: Surroundings): boolean {
  if (!inList) return true;
  return previous?.endLine !== token.startLine && is(tokens[at + 1], T.Identifier) && is(tokens[at + 2], T.LParen);
}

/** The soft keyword that a name is where it stands, null if it is a name. */
export function softKeyword(token: IToken, around: Surroundings): TokenType | null {
  const rule = SOFT.get(token.image);
  return rule?.holds(around) ? rule.type : null;
}

interface SoftRule {
  readonly type: TokenType;
  holds(around: Surroundings): boolean;
}

const next = ({ tokens, at }: Surroundings) => tokens[at + 1];

const SOFT: ReadonlyMap<string, SoftRule> = new Map<string, SoftRule>([
  [
    "as",
    { type: T.As, holds: ({ previous, statement, inList }) => statement === T.Use && !inList && is(previous, T.Text) },
  ],
  [
    "from",
    {
      type: T.From,
      holds: (around) => {
        if (around.statement !== T.Import || around.inList) return false;
        return is(around.previous, T.RCurly) || is(next(around), T.Text);
      },
    },
  ],
  ["exclude", { type: T.Exclude, holds: (around) => around.block === T.Matrix && is(next(around), T.LCurly) }],
  [
    "in",
    {
      type: T.In,
      holds: ({ previous, statement, inList }) => statement === T.Param && !inList && !isUnfinished(previous),
    },
  ],
  [
    "else",
    {
      type: T.Else,
      holds: ({ previous, statement, inList }) => statement === T.Expect && !inList && !isUnfinished(previous),
    },
  ],
  [
    "each",
    {
      type: T.Each,
      // `-> each(x: 1)` calls a stage of that name; `-> each` with nothing behind it is unfinished.
      holds: (around) => is(around.previous, T.Arrow) && !is(next(around), T.LParen) && !is(next(around), T.Dot),
    },
  ],
  [
    "over",
    {
      type: T.Over,
      holds: (around) => {
        if (!around.inList || isUnfinished(around.previous) || is(around.previous, T.Over)) return false;
        return !AFTER_NAME.some((type) => is(next(around), type));
      },
    },
  ],
]);

/** Tokens that show the word before them to be a name. */
const AFTER_NAME: readonly TokenType[] = [T.Colon, T.Equals, T.Dot, T.LParen, T.Arrow];
