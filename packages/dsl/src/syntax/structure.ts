import type { IToken, TokenType } from "chevrotain";
import { fix, report } from "../diagnostics/create-diagnostic.js";
import { Brackets, isCloser, isOpener, virtualToken } from "./brackets.js";
import { suggestOperator } from "./lexical-errors.js";
import { is, isUnfinished, misspeltKeyword, retag } from "./statement-shape.js";
import { endOf, type SyntaxContext, tokenName, tokenSpan } from "./syntax-context.js";
import * as T from "./tokens.js";
import { keywordRole, type Surroundings, softKeyword, startsAnnotation } from "./word-roles.js";

/**
 * Prepares the tokens for the parser: keywords in the place of a name become names, words with a meaning in one place get it
 * there, misspelt keywords become keywords, missing brackets are added and surplus ones removed; each mistake has its message.
 * After this every bracket has its partner and a statement keyword is where a statement starts, so that the parser can
 * always find the next statement.
 */
export function repairStructure(tokens: readonly IToken[], context: SyntaxContext): IToken[] {
  return new StructureRepair(tokens, context).run();
}

class StructureRepair implements Surroundings {
  private readonly out: IToken[] = [];
  private readonly brackets: Brackets;
  private bracesAgree: boolean;
  at = 0;
  statement: TokenType | null = null;

  constructor(
    readonly tokens: readonly IToken[],
    private readonly context: SyntaxContext,
  ) {
    this.brackets = new Brackets(this.out, context);
    const count = (type: TokenType) => tokens.reduce((sum, token) => sum + (token.tokenType === type ? 1 : 0), 0);
    this.bracesAgree = count(T.LCurly) === count(T.RCurly);
  }

  get previous(): IToken | undefined {
    return this.out.at(-1);
  }

  get earlier(): IToken | undefined {
    return this.out.at(-2);
  }

  get inList(): boolean {
    return this.brackets.inList;
  }

  get block(): TokenType | null {
    return this.brackets.block;
  }

  run(): IToken[] {
    for (; this.at < this.tokens.length; this.at++) {
      const token = this.tokens[this.at]!;
      if (this.earlier?.tokenType === T.Pipeline && token.tokenType !== T.LCurly) this.addBrace();
      if (is(token, T.Starter)) this.starter(token);
      else if (token.tokenType === T.Identifier) this.name(token);
      else if (isOpener(token)) this.opener(token);
      else if (isCloser(token)) this.brackets.close(token, this.tokens[this.at + 1]);
      else if (token.tokenType === T.Semicolon) this.semicolon(token);
      else this.other(token);
    }
    this.brackets.closeAtEnd();
    return this.out;
  }

  /** `pipeline name` and no brace: the statements that follow are meant to be inside. */
  private addBrace(): void {
    const name = this.previous;
    if (name?.tokenType !== T.Identifier || name.image === "") return;
    const at = endOf(name);
    const params = { expected: "`{`", previous: tokenName(name) };
    this.brackets.push(virtualToken(T.LCurly, at, name), (added) => {
      const place = this.context.span(at, at);
      const edits = [{ span: place, text: " {" }];
      if (added === at) edits[0] = { span: place, text: " {\n}" };
      else if (added !== null) edits.push({ span: this.context.span(added, added), text: "\n}" });
      this.context.add(report("KDP0003", params, place, { fixes: [{ title: "put its statements in braces", edits }] }));
    });
    this.bracesAgree = false;
  }

  private starter(token: IToken): void {
    if (this.isSplitMetric(token)) {
      this.joinMetric(token);
      return;
    }
    const role = token.tokenType === T.At ? null : keywordRole(token, this);
    if (role === "wrong-name" || role === "wrong-value") {
      const params = { word: token.image, expected: role === "wrong-name" ? "a name" : "a value" };
      this.context.add(report("KDP0003", params, tokenSpan(this.context, token), { variant: "keyword" }));
    }
    if (role === "statement" || (role === null && startsAnnotation(token, this))) this.startStatement(token);
    else if (role !== null) retag(token, T.Identifier);
    this.out.push(token);
  }

  private isSplitMetric(at: IToken): boolean {
    const { previous } = this;
    const sameLine = previous?.endLine === at.startLine;
    return at.tokenType === T.At && sameLine && isName(previous) && is(this.tokens[this.at + 1], T.Int);
  }

  /** `recall @10`: one token with white space inside. */
  private joinMetric(at: IToken): void {
    const name = this.previous!;
    const cutoff = this.tokens[this.at + 1]!;
    const metric = name.image;
    const span = this.context.span(name.startOffset, endOf(cutoff));
    const text = `${metric}@${cutoff.image}`;
    const fixes = [fix(`write \`${text}\``, span, text)];
    this.context.add(report("KDP0003", { metric }, span, { variant: "cutoff", fixes }));
    name.image = this.context.text.slice(span.start, span.end);
    name.endColumn = cutoff.endColumn ?? at.endColumn ?? 1;
    retag(name, T.Metric);
    this.at++;
  }

  private name(token: IToken): void {
    const soft = softKeyword(token, this);
    if (soft) retag(token, soft);
    // In `import { a from "…"` the braces end where the names do.
    if (soft === T.From && this.block === T.Import) this.brackets.closeForStatement(token, { pipelines: false });
    if (!soft && this.mayStartStatement(token)) this.mendStart(token);
    this.out.push(token);
  }

  /** First on its line, or behind a brace, and not inside any list. */
  private mayStartStatement(token: IToken): boolean {
    const { previous } = this;
    if (this.brackets.depth > 0 && this.block !== T.Pipeline) return false;
    const behindBrace = previous?.tokenType === T.LCurly || previous?.tokenType === T.RCurly;
    return previous === undefined || behindBrace || previous.endLine !== token.startLine;
  }

  /** `parm x: int` and `x = 3`: a keyword misspelt, or forgotten. */
  private mendStart(token: IToken): void {
    const inside = this.brackets.depth > 0 ? T.STATEMENT_KEYWORDS : T.FILE_KEYWORDS;
    // In a gate a value may stand before a string, so what looks like a misspelt `use "…"` may be right.
    const allowed = isUnfinished(this.previous) ? inside.filter((type) => type !== T.Use) : inside;
    const keyword = misspeltKeyword(this.tokens, this.at, allowed);
    if (keyword) {
      const suggestion = T.wordOf(keyword);
      const span = tokenSpan(this.context, token);
      const fixes = [fix(`write \`${suggestion}\``, span, suggestion)];
      this.context.add(report("KDP0004", { word: token.image, suggestion }, span, { variant: "suggestion", fixes }));
      retag(token, keyword);
      this.startStatement(token);
      return;
    }
    const assigned = is(this.tokens[this.at + 1], T.Equals);
    if (!assigned || isUnfinished(this.previous) || this.brackets.depth === 0) return;
    const start = this.context.span(token.startOffset, token.startOffset);
    this.context.add(
      report("KDP0008", { name: token.image }, tokenSpan(this.context, token), {
        variant: "assignment",
        fixes: [fix("put `let` in front", start, "let ")],
      }),
    );
    const inserted = virtualToken(T.Let, token.startOffset, token);
    this.startStatement(inserted);
    this.out.push(inserted);
  }

  /** A statement begins: the brackets of the one before must be closed by now. */
  private startStatement(token: IToken): void {
    // In a file whose braces agree in number, a pipeline in a pipeline is in the wrong place, not behind a missing brace.
    const pipelines = T.FILE_KEYWORDS.includes(token.tokenType) && !this.bracesAgree;
    this.brackets.closeForStatement(token, { pipelines });
    this.statement = token.tokenType;
  }

  private opener(token: IToken): void {
    const { previous, earlier } = this;
    const heads = previous?.tokenType === T.Pipeline || earlier?.tokenType === T.Pipeline;
    const isBlock =
      heads || this.statement === T.Import || previous?.tokenType === T.Exclude || !isUnfinished(previous);
    if (token.tokenType === T.LCurly && (this.inList || !isBlock)) this.braceAsValue(token);
    else if (!this.brackets.push(token)) this.skipGroup();
  }

  /** `let x = {a: 1}`: objects of other languages. */
  private braceAsValue(token: IToken): void {
    const params = { expected: "a value", previous: this.previous ? tokenName(this.previous) : "the start" };
    const notes = ["braces hold statements; a list is written in `[` and `]`"];
    this.context.addUnlessFollowing(report("KDP0003", params, tokenSpan(this.context, token), { notes }));
    const start = this.at;
    this.skipGroup();
    const skipped = this.tokens.slice(start, this.at);
    // Without a partner before the next statement, only the brace itself is left out.
    if (this.at >= this.tokens.length || skipped.some((inner) => is(inner, T.Starter))) this.at = start;
    const last = this.tokens[this.at]!;
    this.out.push(virtualToken(T.Identifier, endOf(last), last));
  }

  /** Leaves out everything up to the partner of the bracket at hand. */
  private skipGroup(): void {
    let depth = 0;
    for (; this.at < this.tokens.length; this.at++) {
      const token = this.tokens[this.at]!;
      if (isOpener(token)) depth++;
      else if (isCloser(token)) depth--;
      if (depth === 0) return;
    }
  }

  /** In a list a semicolon is read as a comma, elsewhere as nothing. */
  private semicolon(token: IToken): void {
    const span = tokenSpan(this.context, token);
    const fixes = [this.inList ? fix("write a comma", span, ",") : fix("remove `;`", span, "")];
    this.context.add(report("KDP0001", { character: ";" }, span, { fixes }));
    if (this.inList) this.out.push(token);
  }

  private other(token: IToken): void {
    const bool = token.tokenType === T.True || token.tokenType === T.False;
    const afterDot = this.previous?.tokenType === T.Dot;
    if (bool && (afterDot || this.tokens[this.at + 1]?.tokenType === T.Colon)) retag(token, T.Identifier);
    if (token.tokenType === T.BadArrow) this.wrongArrow(token);
    if (this.isLiteralName(token)) this.literalName(token);
    else this.out.push(token);
  }

  private isLiteralName(token: IToken): boolean {
    const { previous } = this;
    return previous !== undefined && NAMING.has(previous.tokenType) && LITERALS.some((type) => is(token, type));
  }

  /** `pipeline "x"`: a string or number where a name is due. An empty name stands in for it. */
  private literalName(token: IToken): void {
    const keyword = this.previous!;
    const name = /^"([A-Za-z_]\w*)"$/.exec(token.image)?.[1];
    const span = tokenSpan(this.context, token);
    const params = { expected: "a name", previous: tokenName(keyword) };
    const fixes = name ? [fix(`write \`${name}\``, span, name)] : [];
    this.context.add(report("KDP0003", params, span, { fixes }));
    this.out.push(virtualToken(T.Identifier, token.startOffset, token));
  }

  /** `=>` is an arrow of JavaScript or a comparison of nobody; in a gate the second is likelier. */
  private wrongArrow(token: IToken): void {
    const comparison = token.image === "=>" && this.statement === T.Expect && !this.inList;
    suggestOperator(token, comparison ? ">=" : "->", this.context);
    if (comparison) retag(token, T.BadCompare);
  }
}

/** Keywords that a name follows. */
const NAMING: ReadonlySet<TokenType> = new Set([T.Stage, T.Pipeline, T.Param, T.Let, T.Export]);

const LITERALS: readonly TokenType[] = [T.Text, T.Int, T.Float, T.Duration, T.Bytes, T.BadNumber, T.Metric];

/** A name of the text, not one that stands in for something. */
const isName = (token: IToken | undefined): boolean => is(token, T.Identifier) && token?.image !== "";
