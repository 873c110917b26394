import { createTokenInstance, type IToken, type TokenType } from "chevrotain";
import { fix, report } from "../diagnostics/create-diagnostic.js";
import { suggestOperator } from "./lexical-errors.js";
import { hasShape, is, isUnfinished, misspeltKeyword, retag } from "./statement-shape.js";
import { endOf, type SyntaxContext, tokenSpan } from "./syntax-context.js";
import * as T from "./tokens.js";

/** Deeper nesting than any person writes; it keeps every recursion over the tree short. */
const MAX_DEPTH = 100;

const CLOSER: ReadonlyMap<TokenType, TokenType> = new Map([
  [T.LParen, T.RParen],
  [T.LSquare, T.RSquare],
  [T.LCurly, T.RCurly],
]);

const CLOSERS: ReadonlySet<TokenType> = new Set(CLOSER.values());

const TEXT_OF: ReadonlyMap<TokenType, string> = new Map([
  [T.RParen, ")"],
  [T.RSquare, "]"],
  [T.RCurly, "}"],
]);

interface Open {
  readonly token: IToken;
  /** Index of the opener in the output. */
  readonly at: number;
  /** The statement keyword before a `{`, or `exclude`; null for other brackets. */
  readonly block: TokenType | null;
}

/**
 * Prepares the tokens for the parser: keywords in the place of a name become names, misspelt keywords become keywords,
 * missing brackets are added and surplus ones removed, each with its message. After this every bracket has its partner and
 * a statement keyword is where a statement starts, so that the parser can always find the next statement.
 */
export function repairStructure(tokens: readonly IToken[], context: SyntaxContext): IToken[] {
  return new StructureRepair(tokens, context).run();
}

class StructureRepair {
  private readonly out: IToken[] = [];
  private readonly open: Open[] = [];
  /** Statement keyword at the head of the current statement: tells `=>` in a gate from `=>` for an arrow. */
  private statement: TokenType | null = null;
  private readonly bracesAgree: boolean;
  private at = 0;

  constructor(
    private readonly tokens: readonly IToken[],
    private readonly context: SyntaxContext,
  ) {
    const count = (type: TokenType) => tokens.reduce((sum, token) => sum + (token.tokenType === type ? 1 : 0), 0);
    this.bracesAgree = count(T.LCurly) === count(T.RCurly);
  }

  run(): IToken[] {
    for (; this.at < this.tokens.length; this.at++) {
      const token = this.tokens[this.at]!;
      if (is(token, T.Starter)) this.starter(token);
      else if (is(token, T.Identifier)) this.name(token);
      else if (CLOSER.has(token.tokenType)) this.opener(token);
      else if (CLOSERS.has(token.tokenType)) this.closer(token);
      else if (token.tokenType === T.Semicolon) this.semicolon(token);
      else this.plain(token);
    }
    while (this.open.length > 0) this.closeMissing(null);
    return this.out;
  }

  // --- names and keywords -------------------------------------------------------------------------------------------

  private starter(token: IToken): void {
    const previous = this.out.at(-1);
    const sameLine = previous !== undefined && previous.startLine === token.startLine;
    if (token.tokenType === T.At) {
      const annotation = !this.inList() || (!sameLine && is(this.tokens[this.at + 2], T.LParen));
      if (annotation) this.startStatement(token);
      this.out.push(token);
      return;
    }
    const shaped = hasShape(token.tokenType, this.tokens, this.at);
    if (this.isNamePlace(token, sameLine && !shaped)) {
      retag(token, T.Identifier);
      this.out.push(token);
      return;
    }
    // In a place that needs a name or a value, only what really looks like a statement is one.
    if (isUnfinished(previous) && !shaped && (sameLine || this.inList())) {
      const expected = is(previous, T.Starter) || is(previous, T.As) ? "a name" : "a value";
      const params = { word: token.image, expected };
      this.context.add(report("KDP0003", params, tokenSpan(this.context, token), { variant: "keyword" }));
      retag(token, T.Identifier);
      this.out.push(token);
      return;
    }
    this.startStatement(token);
    this.out.push(token);
  }

  /** After `.` and before `:` every word is a plain name. */
  private isNamePlace(token: IToken, closeToDot: boolean): boolean {
    const previous = this.out.at(-1);
    if (previous?.tokenType === T.Dot) return closeToDot || !hasShape(token.tokenType, this.tokens, this.at);
    if (this.tokens[this.at + 1]?.tokenType !== T.Colon) return false;
    const block = this.open.at(-1)?.block;
    return this.inList() || block === T.Matrix || block === T.Exclude || isUnfinished(previous);
  }

  private name(token: IToken): void {
    const previous = this.out.at(-1);
    const next = this.tokens[this.at + 1];
    const first = previous === undefined || previous.startLine !== token.startLine || isBrace(previous);
    if (first && this.atStatementLevel()) {
      const keyword = misspeltKeyword(this.tokens, this.at, this.allowedKeywords());
      if (keyword) {
        const suggestion = T.wordOf(keyword);
        const span = tokenSpan(this.context, token);
        const fixes = [fix(`write \`${suggestion}\``, span, suggestion)];
        const params = { word: token.image, suggestion };
        this.context.add(report("KDP0004", params, span, { variant: "suggestion", fixes }));
        retag(token, keyword);
        this.startStatement(token);
      } else if (is(next, T.Equals) && !isUnfinished(previous) && this.open.length > 0) {
        this.insertLet(token);
      }
    }
    this.out.push(token);
  }

  private insertLet(token: IToken): void {
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

  private atStatementLevel(): boolean {
    const top = this.open.at(-1);
    return top === undefined || top.block === T.Pipeline;
  }

  private allowedKeywords(): readonly TokenType[] {
    return this.open.length === 0 ? T.FILE_KEYWORDS : T.STATEMENT_KEYWORDS;
  }

  /** A statement begins: brackets of the one before must be closed by now. */
  private startStatement(token: IToken): void {
    const fileLevel = T.FILE_KEYWORDS.includes(token.tokenType);
    for (let top = this.open.at(-1); top; top = this.open.at(-1)) {
      const pipeline = top.token.tokenType === T.LCurly && (top.block === T.Pipeline || top.block === null);
      if (pipeline && !(fileLevel && !this.bracesAgree)) break;
      this.closeMissing(token);
    }
    this.statement = token.tokenType;
  }

  // --- brackets -------------------------------------------------------------------------------------------------------

  private inList(): boolean {
    const type = this.open.at(-1)?.token.tokenType;
    return type === T.LParen || type === T.LSquare;
  }

  private opener(token: IToken): void {
    if (this.open.length >= MAX_DEPTH) {
      this.context.add(report("KDP0009", { max: MAX_DEPTH }, tokenSpan(this.context, token), { variant: "deep" }));
      this.skipGroup();
      return;
    }
    this.open.push({ token, at: this.out.length, block: token.tokenType === T.LCurly ? this.blockOf() : null });
    this.out.push(token);
  }

  private blockOf(): TokenType | null {
    const before = this.out.at(-1);
    const earlier = this.out.at(-2);
    if (before?.tokenType === T.Matrix || before?.tokenType === T.Import) return before.tokenType;
    if (before?.tokenType === T.Exclude) return T.Exclude;
    return before?.tokenType === T.Pipeline || earlier?.tokenType === T.Pipeline ? T.Pipeline : null;
  }

  /** Leaves out everything up to the partner of the bracket at hand, or to the next statement. */
  private skipGroup(): void {
    let depth = 0;
    for (; this.at < this.tokens.length; this.at++) {
      const type = this.tokens[this.at]!.tokenType;
      if (CLOSER.has(type)) depth++;
      else if (CLOSERS.has(type)) depth--;
      if (depth === 0) return;
    }
  }

  private closer(token: IToken): void {
    const top = this.open.at(-1);
    if (top && CLOSER.get(top.token.tokenType) === token.tokenType) {
      this.open.pop();
      this.out.push(token);
      return;
    }
    const partner = this.partnerOf(token.tokenType);
    if (partner >= 0) {
      while (this.open.length > partner + 1) this.closeMissing(token);
      this.open.pop();
      this.out.push(token);
      return;
    }
    if (top && this.inList() && token.tokenType !== T.RCurly && !this.closesSoon(top.token.tokenType)) {
      this.swapCloser(token, top);
      return;
    }
    const span = tokenSpan(this.context, token);
    const fixes = [fix(`remove \`${token.image}\``, span, "")];
    this.context.add(report("KDP0009", { close: token.image }, span, { variant: "unopened", fixes }));
  }

  /** `f(x]` with no `[` around: the wrong bracket was typed. */
  private swapCloser(token: IToken, top: Open): void {
    const wanted = CLOSER.get(top.token.tokenType)!;
    const text = TEXT_OF.get(wanted)!;
    const span = tokenSpan(this.context, token);
    this.context.add(
      report("KDP0009", { open: top.token.image, close: token.image }, span, {
        variant: "mismatched",
        related: [{ span: tokenSpan(this.context, top.token), label: "opened here" }],
        fixes: [fix(`write \`${text}\``, span, text)],
      }),
    );
    retag(token, wanted);
    this.open.pop();
    this.out.push(token);
  }

  /** Index of the opener in the same block that the closer belongs to, or -1. */
  private partnerOf(closer: TokenType): number {
    for (let index = this.open.length - 1; index >= 0; index--) {
      const type = this.open[index]!.token.tokenType;
      if (CLOSER.get(type) === closer) return index;
      if (type === T.LCurly) return -1;
    }
    return -1;
  }

  /** Whether the next token closes the bracket, so that the one at hand is simply too much. */
  private closesSoon(opener: TokenType): boolean {
    return this.tokens[this.at + 1]?.tokenType === CLOSER.get(opener);
  }

  /** Adds the bracket that the innermost open one lacks. `before` is what made the lack plain; null at the end of the file. */
  private closeMissing(before: IToken | null): void {
    const { token, at } = this.open.pop()!;
    const type = CLOSER.get(token.tokenType)!;
    const text = TEXT_OF.get(type)!;
    const place = this.placeForCloser(token, at);
    const previous = this.out[place - 1]!;
    const end = endOf(previous);
    const where = this.context.span(end, end);
    this.context.add(
      report("KDP0009", { open: token.image }, tokenSpan(this.context, token), {
        label: "opened here",
        related: before ? [{ span: where, label: `\`${text}\` is missing here at the latest` }] : [],
        fixes: [fix(`add \`${text}\``, where, token.tokenType === T.LCurly ? `\n${text}` : text)],
      }),
    );
    this.out.splice(place, 0, virtualToken(type, end, previous));
  }

  /**
   * Where a missing bracket most probably belongs: before the first line that is indented no more than the line of its opener,
   * else at the end of what was read.
   */
  private placeForCloser(opener: IToken, at: number): number {
    // Statements of a pipeline are often not indented at all; only the end of the file or the next pipeline closes it.
    if (this.out[at - 2]?.tokenType === T.Pipeline) return this.out.length;
    const indent = this.indentOf(at);
    let depth = 0;
    for (let index = at + 1; index < this.out.length; index++) {
      const token = this.out[index]!;
      const firstOnLine = token.startLine !== this.out[index - 1]!.startLine;
      if (depth === 0 && firstOnLine && token.startColumn! <= indent && token.startLine !== opener.startLine)
        return index;
      if (CLOSER.has(token.tokenType)) depth++;
      else if (CLOSERS.has(token.tokenType)) depth--;
    }
    return this.out.length;
  }

  /** Column of the first token on the line of `out[at]`. */
  private indentOf(at: number): number {
    let first = at;
    while (first > 0 && this.out[first - 1]!.startLine === this.out[at]!.startLine) first--;
    return this.out[first]!.startColumn ?? 1;
  }

  // --- the rest -------------------------------------------------------------------------------------------------------

  private semicolon(token: IToken): void {
    const span = tokenSpan(this.context, token);
    const inList = this.inList();
    const fixes = [inList ? fix("write a comma", span, ",") : fix("remove `;`", span, "")];
    this.context.add(report("KDP0001", { character: ";" }, span, { fixes }));
    if (inList) this.out.push(token);
  }

  private plain(token: IToken): void {
    const isBool = token.tokenType === T.True || token.tokenType === T.False;
    const afterDot = this.out.at(-1)?.tokenType === T.Dot;
    if (isBool && (afterDot || this.tokens[this.at + 1]?.tokenType === T.Colon)) retag(token, T.Identifier);
    if (token.tokenType === T.BadArrow) this.arrow(token);
    this.out.push(token);
  }

  /** `=>` is an arrow of JavaScript or a comparison of nobody; in a gate the second is likelier. */
  private arrow(token: IToken): void {
    const comparison = token.image === "=>" && this.statement === T.Expect && !this.inList();
    const operator = comparison ? ">=" : "->";
    suggestOperator(token, operator, this.context);
    if (comparison) retag(token, T.BadCompare);
  }
}

function isBrace(token: IToken): boolean {
  return token.tokenType === T.LCurly || token.tokenType === T.RCurly;
}

/** A token that is not in the text: empty, at `offset`, on the line of its neighbour. */
function virtualToken(type: TokenType, offset: number, neighbour: IToken): IToken {
  const line = neighbour.endLine ?? 1;
  const column = neighbour.endColumn ?? 1;
  const token = createTokenInstance(type, "", offset, offset - 1, line, line, column, column);
  token.isInsertedInRecovery = true;
  return token;
}
