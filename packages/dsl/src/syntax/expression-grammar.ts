import type { TokenType } from "chevrotain";
import { CstParser, EOF } from "./chevrotain.js";
import { messageProvider } from "./parser-messages.js";
import { is, retag } from "./statement-shape.js";
import * as T from "./tokens.js";

/**
 * The part of the grammar below statements: chains, lists, calls, literals and types. Precedence of arithmetic is the AST
 * builder's business, so that a literal costs three nodes of the concrete tree, not seven.
 */
export abstract class ExpressionGrammar extends CstParser {
  constructor(options: { readonly skipValidations: boolean }) {
    super([...T.TOKENS], {
      recoveryEnabled: true,
      // One token decides everywhere but at labels; with more, a mistake in the second token hides what the first one says.
      maxLookahead: 1,
      nodeLocationTracking: "onlyOffset",
      errorMessageProvider: messageProvider,
      skipValidations: options.skipValidations,
    });
  }

  /** Only punctuation may be left out to make the text fit: leaving out a name or a value would change what was meant. */
  protected override canTokenTypeBeDeletedInRecovery(): boolean {
    const token = this.LA(1);
    return !is(token, T.Starter) && PUNCTUATION.has(token.tokenType);
  }

  /**
   * Parts and commas in any mixture, up to the closing bracket; the AST builder checks that they alternate. `starts` are the
   * tokens that may begin a part. What cannot is made junk up to the next comma, so that a mistake in a list stays in it.
   */
  protected commaList(starts: ReadonlySet<TokenType>, part: () => unknown): void {
    this.MANY({
      GATE: () => this.skipUnfit(starts),
      DEF: () => this.OR([{ ALT: () => this.CONSUME(T.Comma) }, { ALT: part }, { ALT: () => this.CONSUME(T.Junk) }]),
    });
  }

  /** Always true, for use as a gate. */
  private skipUnfit(starts: ReadonlySet<TokenType>): boolean {
    let depth = 0;
    for (let ahead = 1; ; ahead++) {
      const token = this.LA(ahead);
      const type = token.tokenType;
      if (type === EOF || type === T.Junk || (is(token, T.Starter) && type !== T.At)) return true;
      if (depth === 0) {
        const next = ahead === 1 || token.startLine !== this.LA(ahead - 1).endLine;
        if (CLOSERS.has(type) || is(token, T.Comma) || type === T.From || (next && starts.has(type))) return true;
      }
      if (OPENERS.has(type)) depth++;
      else if (CLOSERS.has(type)) depth--;
      retag(token, T.Junk);
    }
  }

  /** An opening bracket that is not there would make a list of everything behind it. */
  protected override canTokenTypeBeInsertedInRecovery(type: TokenType): boolean {
    return !OPENERS.has(type);
  }

  // --- expressions ------------------------------------------------------------------------------------------------------

  readonly chain = this.RULE("chain", () => {
    this.SUBRULE(this.sum);
    this.MANY(() => this.SUBRULE(this.link));
  });

  readonly link = this.RULE("link", () => {
    this.CONSUME(T.Arrow);
    this.OPTION(() => this.CONSUME(T.Each));
    this.SUBRULE(this.sum);
  });

  /** Operands and operators in a row; the AST builder knows which binds tighter. */
  readonly sum = this.RULE("sum", () => {
    this.SUBRULE(this.operand);
    this.MANY(() => {
      this.OR([
        { ALT: () => this.CONSUME(T.Plus) },
        { ALT: () => this.CONSUME(T.Minus) },
        { ALT: () => this.CONSUME(T.Times) },
        { ALT: () => this.CONSUME(T.Divide) },
      ]);
      this.SUBRULE1(this.operand);
    });
  });

  readonly operand = this.RULE("operand", () => {
    this.OPTION(() => this.OR([{ ALT: () => this.CONSUME(T.Plus) }, { ALT: () => this.CONSUME(T.Minus) }]));
    this.OR1([
      { ALT: () => this.CONSUME(T.Identifier) },
      { ALT: () => this.CONSUME(T.Metric) },
      { ALT: () => this.SUBRULE(this.scalar) },
      { ALT: () => this.SUBRULE(this.list) },
      { ALT: () => this.SUBRULE(this.group) },
    ]);
    this.MANY(() => this.SUBRULE(this.postfix));
  });

  readonly group = this.RULE("group", () => {
    this.CONSUME(T.LParen);
    this.SUBRULE(this.chain);
    this.CONSUME(T.RParen);
  });

  readonly postfix = this.RULE("postfix", () => {
    this.OR([
      {
        ALT: () => {
          this.CONSUME(T.Dot);
          this.OR1([{ ALT: () => this.CONSUME(T.Identifier) }, { ALT: () => this.CONSUME(T.Metric) }]);
        },
      },
      { ALT: () => this.SUBRULE(this.args) },
    ]);
  });

  readonly list = this.RULE("list", () => {
    this.CONSUME(T.LSquare);
    this.commaList(VALUES, () => this.SUBRULE(this.element));
    this.CONSUME(T.RSquare);
  });

  readonly args = this.RULE("args", () => {
    this.CONSUME(T.LParen);
    this.commaList(VALUES, () => this.SUBRULE(this.element));
    this.CONSUME(T.RParen);
  });

  readonly element = this.RULE("element", () => {
    this.OPTION({ MAX_LOOKAHEAD: 2, DEF: () => this.SUBRULE(this.label) });
    this.SUBRULE(this.chain);
    this.OPTION1(() => this.SUBRULE(this.over));
  });

  /** `dim:`, or the `dim =` of other languages. */
  readonly label = this.RULE("label", () => {
    this.CONSUME(T.Identifier);
    this.OR([{ ALT: () => this.CONSUME(T.Colon) }, { ALT: () => this.CONSUME(T.Equals) }]);
  });

  readonly over = this.RULE("over", () => {
    this.CONSUME(T.Over);
    this.OR([{ ALT: () => this.CONSUME(T.Identifier) }, { ALT: () => this.SUBRULE(this.overList) }]);
  });

  readonly overList = this.RULE("overList", () => {
    this.CONSUME(T.LSquare);
    this.commaList(NAMES, () => this.CONSUME(T.Identifier));
    this.CONSUME(T.RSquare);
  });

  // --- literals and types -------------------------------------------------------------------------------------------------

  readonly scalar = this.RULE("scalar", () => {
    this.OR([
      { ALT: () => this.CONSUME(T.Int) },
      { ALT: () => this.CONSUME(T.Float) },
      { ALT: () => this.CONSUME(T.Duration) },
      { ALT: () => this.CONSUME(T.Bytes) },
      { ALT: () => this.CONSUME(T.BadNumber) },
      { ALT: () => this.CONSUME(T.Text) },
      { ALT: () => this.CONSUME(T.True) },
      { ALT: () => this.CONSUME(T.False) },
    ]);
  });

  readonly literal = this.RULE("literal", () => {
    this.OR([
      {
        ALT: () => {
          this.OPTION(() => this.CONSUME(T.Minus));
          this.SUBRULE(this.scalar);
        },
      },
      { ALT: () => this.SUBRULE(this.literalList) },
      // A bare word where a string is meant.
      { ALT: () => this.CONSUME(T.Identifier) },
    ]);
  });

  readonly literalList = this.RULE("literalList", () => {
    this.CONSUME(T.LSquare);
    this.commaList(LITERALS, () => this.SUBRULE(this.literal));
    this.CONSUME(T.RSquare);
  });

  readonly type = this.RULE("type", () => {
    this.SUBRULE(this.alternative);
    this.MANY(() => {
      this.CONSUME(T.Pipe);
      this.SUBRULE1(this.alternative);
    });
  });

  readonly alternative = this.RULE("alternative", () => {
    this.OR([
      { ALT: () => this.CONSUME(T.Text) },
      {
        ALT: () => {
          this.CONSUME(T.Identifier);
          this.OPTION(() => {
            this.CONSUME(T.LSquare);
            this.CONSUME(T.RSquare);
          });
        },
      },
    ]);
  });
}

const PUNCTUATION: ReadonlySet<TokenType> = new Set([
  ...[T.Colon, T.Equals, T.BadEquals, T.Comma, T.Dot, T.DotDot, T.Pipe, T.Plus, T.Times, T.Divide, T.Compare],
  ...[T.Arrow, T.BadArrow],
]);

const OPENERS: ReadonlySet<TokenType> = new Set([T.LParen, T.LSquare, T.LCurly]);

const CLOSERS: ReadonlySet<TokenType> = new Set([T.RParen, T.RSquare, T.RCurly]);

/** The types, and those that have one of them as their category. */
const withKinds = (...types: readonly TokenType[]): ReadonlySet<TokenType> =>
  new Set(T.TOKENS.filter((token) => types.some((type) => token === type || token.CATEGORIES?.includes(type))));

const SCALARS = [T.Int, T.Float, T.Duration, T.Bytes, T.BadNumber, T.Text, T.True, T.False];

/** What a part of a list may begin with. */
export const NAMES = withKinds(T.Identifier);
export const ENTRIES = withKinds(T.Identifier, T.Exclude);
const LITERALS = withKinds(...SCALARS, T.Minus, T.LSquare, T.Identifier);
const VALUES = withKinds(...SCALARS, T.Identifier, T.Metric, T.Plus, T.Minus, T.LSquare, T.LParen);
