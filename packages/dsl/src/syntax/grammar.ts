import { CstParser, type TokenType } from "chevrotain";
import { messageProvider } from "./parser-messages.js";
import { is } from "./statement-shape.js";
import * as T from "./tokens.js";

/**
 * The grammar of language.md 1.1, fault-tolerant. Where a mistake is frequent the rule accepts it and the AST builder reports
 * it: commas are optional here, `=` may stand for `:` before an argument, statements may be outside a pipeline. The rest is
 * left to Chevrotain's recovery. Precedence of arithmetic is the AST builder's business too, so that a literal costs three
 * CST nodes, not seven.
 */
export class KdpParser extends CstParser {
  constructor(options: { readonly skipValidations: boolean }) {
    super([...T.TOKENS], {
      recoveryEnabled: true,
      maxLookahead: 2,
      nodeLocationTracking: "onlyOffset",
      errorMessageProvider: messageProvider,
      skipValidations: options.skipValidations,
    });
    this.performSelfAnalysis();
  }

  /**
   * Only punctuation may be left out to make the text fit: leaving out a name or a value would change what was meant.
   * (Overrides a method of Chevrotain's `Recoverable` trait that its type declarations leave out.)
   */
  protected override canTokenTypeBeDeletedInRecovery(): boolean {
    const token = this.LA(1);
    return !is(token, T.Starter) && PUNCTUATION.has(token.tokenType);
  }

  // --- file ---------------------------------------------------------------------------------------------------------

  readonly file = this.RULE("file", () => {
    this.MANY(() =>
      this.OR([
        { ALT: () => this.SUBRULE(this.version) },
        { ALT: () => this.SUBRULE(this.use) },
        { ALT: () => this.SUBRULE(this.import) },
        { ALT: () => this.SUBRULE(this.stage) },
        { ALT: () => this.SUBRULE(this.pipeline) },
        { ALT: () => this.SUBRULE(this.statement) },
        { ALT: () => this.SUBRULE(this.unknown) },
      ]),
    );
  });

  readonly version = this.RULE("version", () => {
    this.CONSUME(T.Kdp);
    this.CONSUME(T.Int);
  });

  readonly use = this.RULE("use", () => {
    this.CONSUME(T.Use);
    this.CONSUME(T.Text);
    this.OPTION(() => {
      this.CONSUME(T.As);
      this.CONSUME(T.Identifier);
    });
  });

  readonly import = this.RULE("import", () => {
    this.CONSUME(T.Import);
    this.CONSUME(T.LCurly);
    this.MANY(() => this.OR([{ ALT: () => this.CONSUME(T.Comma) }, { ALT: () => this.CONSUME(T.Identifier) }]));
    this.CONSUME(T.RCurly);
    this.CONSUME(T.From);
    this.CONSUME(T.Text);
  });

  readonly stage = this.RULE("stage", () => {
    this.CONSUME(T.Stage);
    this.CONSUME(T.Identifier);
    this.CONSUME(T.LParen);
    this.MANY(() => this.OR([{ ALT: () => this.CONSUME(T.Comma) }, { ALT: () => this.SUBRULE(this.formal) }]));
    this.CONSUME(T.RParen);
    this.CONSUME(T.Equals);
    this.SUBRULE(this.chain);
  });

  readonly formal = this.RULE("formal", () => {
    this.CONSUME(T.Identifier);
    this.CONSUME(T.Colon);
    this.SUBRULE(this.type);
    this.OPTION(() => {
      this.CONSUME(T.Equals);
      this.SUBRULE(this.literal);
    });
  });

  readonly pipeline = this.RULE("pipeline", () => {
    this.CONSUME(T.Pipeline);
    this.CONSUME(T.Identifier);
    this.CONSUME(T.LCurly);
    this.MANY(() =>
      this.OR([
        { ALT: () => this.SUBRULE(this.statement) },
        { ALT: () => this.SUBRULE(this.misplaced) },
        { GATE: () => this.isUnnamedChain(), ALT: () => this.SUBRULE(this.unnamed) },
        { ALT: () => this.SUBRULE(this.unknown) },
      ]),
    );
    this.CONSUME(T.RCurly);
  });

  /** What belongs outside a pipeline. */
  readonly misplaced = this.RULE("misplaced", () => {
    this.OR([
      { ALT: () => this.SUBRULE(this.version) },
      { ALT: () => this.SUBRULE(this.use) },
      { ALT: () => this.SUBRULE(this.import) },
      { ALT: () => this.SUBRULE(this.stage) },
      { ALT: () => this.SUBRULE(this.pipeline) },
    ]);
  });

  /** A chain without `let`. */
  readonly unnamed = this.RULE("unnamed", () => {
    this.SUBRULE(this.chain);
  });

  /** Anything up to the next statement. */
  readonly unknown = this.RULE("unknown", () => {
    this.AT_LEAST_ONE(() =>
      this.OR([{ ALT: () => this.CONSUME(T.Filler) }, { ALT: () => this.SUBRULE(this.unknownBlock) }]),
    );
  });

  readonly unknownBlock = this.RULE("unknownBlock", () => {
    this.CONSUME(T.LCurly);
    this.MANY(() =>
      this.OR([
        { ALT: () => this.CONSUME(T.Filler) },
        { ALT: () => this.CONSUME(T.Starter) },
        { ALT: () => this.SUBRULE(this.unknownBlock) },
      ]),
    );
    this.CONSUME(T.RCurly);
  });

  private isUnnamedChain(): boolean {
    const first = this.LA(1);
    if (first.tokenType === T.LSquare || first.tokenType === T.LParen || is(first, T.Metric)) return true;
    return is(first, T.Identifier) && CHAIN_SECOND.has(this.LA(2).tokenType);
  }

  // --- statements -----------------------------------------------------------------------------------------------------

  readonly statement = this.RULE("statement", () => {
    this.OR([
      { ALT: () => this.SUBRULE(this.param) },
      { ALT: () => this.SUBRULE(this.matrix) },
      { ALT: () => this.SUBRULE(this.let) },
      { ALT: () => this.SUBRULE(this.expect) },
      { ALT: () => this.SUBRULE(this.export) },
    ]);
  });

  readonly param = this.RULE("param", () => {
    this.CONSUME(T.Param);
    this.CONSUME(T.Identifier);
    this.CONSUME(T.Colon);
    this.SUBRULE(this.type);
    this.OPTION(() => {
      this.CONSUME(T.Equals);
      this.SUBRULE(this.literal);
    });
    this.OPTION1(() => this.SUBRULE(this.range));
  });

  readonly range = this.RULE("range", () => {
    this.CONSUME(T.In);
    this.SUBRULE(this.literal);
    this.CONSUME(T.DotDot);
    this.SUBRULE1(this.literal);
  });

  readonly matrix = this.RULE("matrix", () => {
    this.CONSUME(T.Matrix);
    this.CONSUME(T.LCurly);
    this.MANY(() =>
      this.OR([
        { ALT: () => this.CONSUME(T.Comma) },
        { ALT: () => this.SUBRULE(this.exclude) },
        { ALT: () => this.SUBRULE(this.axis) },
      ]),
    );
    this.CONSUME(T.RCurly);
  });

  readonly axis = this.RULE("axis", () => {
    this.CONSUME(T.Identifier);
    this.CONSUME(T.Colon);
    this.SUBRULE(this.literalList);
  });

  readonly exclude = this.RULE("exclude", () => {
    this.CONSUME(T.Exclude);
    this.CONSUME(T.LCurly);
    this.MANY(() => this.OR([{ ALT: () => this.CONSUME(T.Comma) }, { ALT: () => this.SUBRULE(this.excludeEntry) }]));
    this.CONSUME(T.RCurly);
  });

  readonly excludeEntry = this.RULE("excludeEntry", () => {
    this.CONSUME(T.Identifier);
    this.CONSUME(T.Colon);
    this.SUBRULE(this.literal);
  });

  readonly let = this.RULE("let", () => {
    this.MANY(() => this.SUBRULE(this.annotation));
    this.CONSUME(T.Let);
    this.CONSUME(T.Identifier);
    this.OPTION(() => {
      this.CONSUME(T.Colon);
      this.SUBRULE(this.type);
    });
    this.CONSUME(T.Equals);
    this.SUBRULE(this.chain);
  });

  readonly annotation = this.RULE("annotation", () => {
    this.CONSUME(T.At);
    this.CONSUME(T.Identifier);
    this.SUBRULE(this.args);
  });

  readonly expect = this.RULE("expect", () => {
    this.CONSUME(T.Expect);
    this.SUBRULE(this.sum);
    this.OR([{ ALT: () => this.CONSUME(T.Compare) }, { ALT: () => this.CONSUME(T.Equals) }]);
    this.SUBRULE1(this.sum);
    this.MANY(() => this.OR1([{ ALT: () => this.SUBRULE(this.otherwise) }, { ALT: () => this.CONSUME(T.Text) }]));
  });

  readonly otherwise = this.RULE("otherwise", () => {
    this.CONSUME(T.Else);
    this.CONSUME(T.Identifier);
  });

  readonly export = this.RULE("export", () => {
    this.CONSUME(T.Export);
    this.CONSUME(T.Identifier);
    this.CONSUME(T.Equals);
    this.SUBRULE(this.chain);
  });

  // --- expressions ------------------------------------------------------------------------------------------------------

  readonly chain = this.RULE("chain", () => {
    this.SUBRULE(this.sum);
    this.MANY(() => this.SUBRULE(this.link));
  });

  readonly link = this.RULE("link", () => {
    this.CONSUME(T.Arrow);
    this.OPTION({
      // `-> each` alone, or `-> each(x: 1)`, is a stage of that name.
      GATE: () => EACH_OPERAND.has(this.LA(2).tokenType) || is(this.LA(2), T.Identifier),
      DEF: () => this.CONSUME(T.Each),
    });
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
    this.MANY(() => this.OR([{ ALT: () => this.CONSUME(T.Comma) }, { ALT: () => this.SUBRULE(this.element) }]));
    this.CONSUME(T.RSquare);
  });

  readonly args = this.RULE("args", () => {
    this.CONSUME(T.LParen);
    this.MANY(() => this.OR([{ ALT: () => this.CONSUME(T.Comma) }, { ALT: () => this.SUBRULE(this.element) }]));
    this.CONSUME(T.RParen);
  });

  readonly element = this.RULE("element", () => {
    this.OPTION(() => this.SUBRULE(this.label));
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
    this.MANY(() => this.OR([{ ALT: () => this.CONSUME(T.Comma) }, { ALT: () => this.CONSUME(T.Identifier) }]));
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
    this.MANY(() => this.OR([{ ALT: () => this.CONSUME(T.Comma) }, { ALT: () => this.SUBRULE(this.literal) }]));
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

/** Tokens that, after a name, make a chain of it. */
const CHAIN_SECOND: ReadonlySet<TokenType> = new Set([T.Arrow, T.BadArrow, T.Dot, T.LParen]);

const EACH_OPERAND: ReadonlySet<TokenType> = new Set([T.LSquare, T.Metric, T.BadMetric]);
