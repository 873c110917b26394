import type { IToken } from "chevrotain";
import { Lexer } from "./chevrotain.js";
import { TOKENS } from "./tokens.js";

/** Half-open stretch of text that is no token. */
export interface Stray {
  readonly start: number;
  readonly end: number;
}

export interface LexResult {
  readonly tokens: readonly IToken[];
  /** `//` and `///` comments, in order. */
  readonly comments: readonly IToken[];
  /** Comments of other languages. */
  readonly badComments: readonly IToken[];
  readonly strays: readonly Stray[];
}

/** The lexer keeps nothing between calls; its construction costs some milliseconds. */
export function createLexer(): (text: string) => LexResult {
  // The tokens are validated in a test; here that would only cost time at each start.
  const lexer = new Lexer([...TOKENS], { ensureOptimizations: true, positionTracking: "full", skipValidations: true });
  return (text) => {
    const { tokens, groups, errors } = lexer.tokenize(text);
    return {
      tokens,
      comments: groups.comments ?? [],
      badComments: groups.badComments ?? [],
      strays: errors.map(({ offset, length }) => ({ start: offset, end: offset + length })),
    };
  };
}
