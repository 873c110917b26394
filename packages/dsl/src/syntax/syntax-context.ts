import type { IToken } from "chevrotain";
import type { Diagnostic, Span } from "../diagnostics/diagnostic.js";

/** What every step of parsing one file shares. */
export interface SyntaxContext {
  readonly file: string;
  readonly text: string;
  readonly diagnostics: readonly Diagnostic[];
  /** Diagnostics that say nothing new where another one stands before them in the same statement. */
  readonly followers: readonly Diagnostic[];
  /** Errors of the parser: not told where the lexer or the repair of brackets has named the cause. */
  readonly parseErrors: readonly Diagnostic[];
  add(diagnostic: Diagnostic): void;
  addParseError(diagnostic: Diagnostic): void;
  addUnlessFollowing(diagnostic: Diagnostic): void;
  /** End exclusive. */
  span(start: number, end: number): Span;
}

export function createSyntaxContext(text: string, file: string): SyntaxContext {
  const diagnostics: Diagnostic[] = [];
  const followers: Diagnostic[] = [];
  const parseErrors: Diagnostic[] = [];
  return {
    file,
    text,
    diagnostics,
    followers,
    parseErrors,
    addParseError: (diagnostic) => parseErrors.push(diagnostic),
    addUnlessFollowing: (diagnostic) => followers.push(diagnostic),
    add: (diagnostic) => diagnostics.push(diagnostic),
    span: (start, end) => ({ file, start, end }),
  };
}

/** End of a token, exclusive. Chevrotain's own `endOffset` is inclusive. */
export function endOf(token: IToken): number {
  return token.startOffset + token.image.length;
}

export function tokenSpan(context: SyntaxContext, token: IToken): Span {
  return context.span(token.startOffset, endOf(token));
}

/** A token as a message names it: the text itself, shortened. */
export function tokenName(token: IToken): string {
  const image = token.image.length > 24 ? `${token.image.slice(0, 20)}…` : token.image;
  return `\`${image}\``;
}

/** Whether the text is an arrow, or one of other languages. Tokens of a mistake have lost their type. */
export function isArrowText(image: string): boolean {
  return /^(?:->|=>|\|>|\u2192|\u27f6|\u2794)$/.test(image);
}
