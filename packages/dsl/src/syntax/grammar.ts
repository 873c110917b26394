import { EOF } from "./chevrotain.js";
import { ENTRIES, ExpressionGrammar, NAMES } from "./expression-grammar.js";
import { is, retag } from "./statement-shape.js";
import * as T from "./tokens.js";

/**
 * The grammar of language.md 1.1, fault-tolerant. Where a mistake is frequent the rule accepts it and the AST builder reports
 * it: commas are optional here, `=` may stand for `:` before an argument, statements may be outside a pipeline. The rest is
 * left to Chevrotain's recovery.
 */
export class KdpParser extends ExpressionGrammar {
  constructor(options: { readonly skipValidations: boolean }) {
    super(options);
    this.performSelfAnalysis();
  }

  // --- file ---------------------------------------------------------------------------------------------------------

  readonly file = this.RULE("file", () => {
    this.MANY({
      GATE: () => this.markJunk({ inPipeline: false }),
      DEF: () =>
        this.OR([
          { ALT: () => this.SUBRULE(this.version) },
          { ALT: () => this.SUBRULE(this.use) },
          { ALT: () => this.SUBRULE(this.import) },
          { ALT: () => this.SUBRULE(this.stage) },
          { ALT: () => this.SUBRULE(this.pipeline) },
          { ALT: () => this.SUBRULE(this.statement) },
          { ALT: () => this.SUBRULE(this.unknown) },
        ]),
    });
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
    this.OPTION(() => this.CONSUME(T.LCurly));
    this.commaList(NAMES, () => this.CONSUME(T.Identifier));
    this.OPTION1(() => this.CONSUME(T.RCurly));
    this.CONSUME(T.From);
    this.CONSUME(T.Text);
  });

  readonly stage = this.RULE("stage", () => {
    this.CONSUME(T.Stage);
    this.CONSUME(T.Identifier);
    this.CONSUME(T.LParen);
    this.commaList(NAMES, () => this.SUBRULE(this.formal));
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
    this.MANY({
      GATE: () => this.markJunk({ inPipeline: true }),
      DEF: () =>
        this.OR([
          { ALT: () => this.SUBRULE(this.statement) },
          { ALT: () => this.SUBRULE(this.misplaced) },
          { ALT: () => this.SUBRULE(this.unknown) },
        ]),
    });
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

  /** Anything up to the next statement. */
  readonly unknown = this.RULE("unknown", () => {
    this.AT_LEAST_ONE(() => this.CONSUME(T.Junk));
  });

  /**
   * Called before each statement: what cannot start one is made junk, up to the next that can. Blocks in braces are taken
   * whole. Always true, for use as a gate.
   */
  private markJunk({ inPipeline }: { readonly inPipeline: boolean }): boolean {
    let depth = 0;
    for (let ahead = 1; ; ahead++) {
      const token = this.LA(ahead);
      const type = token.tokenType;
      if (type === EOF || type === T.Junk) return true;
      if (depth === 0 && (is(token, T.Starter) || (inPipeline && type === T.RCurly))) return true;
      if (type === T.LCurly) depth++;
      else if (type === T.RCurly) depth = Math.max(0, depth - 1);
      retag(token, T.Junk);
    }
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
    this.commaList(ENTRIES, () => this.SUBRULE(this.entry));
    this.CONSUME(T.RCurly);
  });

  readonly entry = this.RULE("entry", () => {
    this.OR([{ ALT: () => this.SUBRULE(this.exclude) }, { ALT: () => this.SUBRULE(this.axis) }]);
  });

  readonly axis = this.RULE("axis", () => {
    this.CONSUME(T.Identifier);
    this.CONSUME(T.Colon);
    this.SUBRULE(this.literal);
  });

  readonly exclude = this.RULE("exclude", () => {
    this.CONSUME(T.Exclude);
    this.CONSUME(T.LCurly);
    this.commaList(NAMES, () => this.SUBRULE(this.excludeEntry));
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
}
