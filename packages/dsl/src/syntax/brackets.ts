import type { IToken, TokenType } from "chevrotain";
import { fix, report } from "../diagnostics/create-diagnostic.js";
import { createTokenInstance } from "./chevrotain.js";
import { is, retag } from "./statement-shape.js";
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

export function isOpener(token: IToken): boolean {
  return CLOSER.has(token.tokenType);
}

export function isCloser(token: IToken): boolean {
  return CLOSERS.has(token.tokenType);
}

interface Open {
  readonly token: IToken;
  /** Index of the opener in the output. */
  readonly at: number;
  /** Keyword before a `{`: `Pipeline`, `Matrix`, `Exclude` or `Import`; else null. */
  readonly block: TokenType | null;
  readonly onClose: CloseListener | null;
}

/** Hears where an opener that was added got its partner: null for one in the text, the offset for one that was added too. */
export type CloseListener = (added: number | null) => void;

/** The brackets that are open while tokens go into `out`; it adds those that are missing and refuses those too many. */
export class Brackets {
  private readonly open: Open[] = [];

  constructor(
    private readonly out: IToken[],
    private readonly context: SyntaxContext,
  ) {}

  get depth(): number {
    return this.open.length;
  }

  get inList(): boolean {
    const top = this.open.at(-1);
    return top !== undefined && top.token.tokenType !== T.LCurly;
  }

  get block(): TokenType | null {
    return this.open.at(-1)?.block ?? null;
  }

  /** Takes an opener; false, with a message, when it is nested too deep to be taken. */
  push(token: IToken, onClose: CloseListener | null = null): boolean {
    if (this.open.length >= MAX_DEPTH) {
      this.context.add(report("KDP0009", { max: MAX_DEPTH }, tokenSpan(this.context, token), { variant: "deep" }));
      return false;
    }
    const block = token.tokenType === T.LCurly ? this.blockHere() : null;
    this.open.push({ token, at: this.out.length, block, onClose });
    this.out.push(token);
    return true;
  }

  private blockHere(): TokenType | null {
    const before = this.out.at(-1);
    if (before && [T.Matrix, T.Import, T.Exclude, T.Pipeline].includes(before.tokenType)) return before.tokenType;
    return this.out.at(-2)?.tokenType === T.Pipeline ? T.Pipeline : null;
  }

  /** Takes a closer, or reports that it has no partner. `next` is the token behind it. */
  close(token: IToken, next: IToken | undefined): void {
    const partner = this.partnerOf(token.tokenType);
    if (partner >= 0) {
      while (this.open.length > partner + 1) this.closeMissing(token);
      this.open.pop()?.onClose?.(null);
      this.out.push(token);
      return;
    }
    const top = this.open.at(-1);
    const wanted = top && CLOSER.get(top.token.tokenType);
    // `f(x]`: the wrong bracket was typed; but in `f(x])` the `]` is one too many.
    if (top && wanted && this.inList && token.tokenType !== T.RCurly && !is(next, wanted)) {
      this.swap(token, top, wanted);
      return;
    }
    const span = tokenSpan(this.context, token);
    const fixes = [fix(`remove \`${token.image}\``, span, "")];
    this.context.add(report("KDP0009", { close: token.image }, span, { variant: "unopened", fixes }));
  }

  private swap(token: IToken, top: Open, wanted: TokenType): void {
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

  /** Closes what must be closed before a statement: lists and small blocks, and pipelines too if `pipelines` says so. */
  closeForStatement(before: IToken, { pipelines }: { readonly pipelines: boolean }): void {
    for (let top = this.open.at(-1); top; top = this.open.at(-1)) {
      const pipeline = top.token.tokenType === T.LCurly && (top.block === T.Pipeline || top.block === null);
      if (pipeline && !pipelines) return;
      this.closeMissing(before);
    }
  }

  closeAtEnd(): void {
    while (this.open.length > 0) this.closeMissing(null);
  }

  /** Adds the bracket that the innermost open one lacks. `before` is what made the lack plain; null at the end of the file. */
  private closeMissing(before: IToken | null): void {
    const { token, at, block, onClose } = this.open.pop()!;
    const type = CLOSER.get(token.tokenType)!;
    const text = TEXT_OF.get(type)!;
    // Statements of a pipeline are often not indented at all; only the end of the file or the next pipeline closes it.
    const place = block === T.Pipeline ? this.out.length : this.placeForCloser(at);
    const previous = this.out[place - 1]!;
    const end = endOf(previous);
    if (onClose) onClose(end);
    else if (!this.isSwallowed(at, place)) this.reportMissing(token, text, end, { block, before });
    this.out.splice(place, 0, virtualToken(type, end, previous));
  }

  /** A string that is not closed may have swallowed the bracket; it has its own message. */
  private isSwallowed(at: number, place: number): boolean {
    return this.out.slice(at, place).some((token) => token.tokenType === T.OpenText);
  }

  private reportMissing(
    opener: IToken,
    text: string,
    end: number,
    { block, before }: { readonly block: TokenType | null; readonly before: IToken | null },
  ): void {
    const where = this.context.span(end, end);
    this.context.add(
      report("KDP0009", { open: opener.image }, tokenSpan(this.context, opener), {
        label: "opened here",
        related: before ? [{ span: where, label: `\`${text}\` is missing here at the latest` }] : [],
        fixes: [fix(`add \`${text}\``, where, block === T.Pipeline ? `\n${text}` : text)],
      }),
    );
  }

  /**
   * Where the partner of the bracket at `at` probably belongs: before the first later line that is indented no more than the
   * line of the bracket, else at the end of what was read.
   */
  private placeForCloser(at: number): number {
    const opener = this.out[at]!;
    const indent = this.indentOf(at);
    let depth = 0;
    for (let index = at + 1; index < this.out.length; index++) {
      const token = this.out[index]!;
      const firstOnLine = token.startLine !== this.out[index - 1]!.endLine;
      const later = firstOnLine && token.startLine !== opener.startLine;
      if (depth === 0 && later && (token.startColumn ?? 1) <= indent) return index;
      if (isOpener(token)) depth++;
      else if (isCloser(token)) depth--;
    }
    return this.out.length;
  }

  /** Column of the first token on the line of `out[at]`. */
  private indentOf(at: number): number {
    let first = at;
    while (first > 0 && this.out[first - 1]!.endLine === this.out[at]!.startLine) first--;
    return this.out[first]!.startColumn ?? 1;
  }
}

/** A token that is not in the text: empty, at `offset`, on the line of its neighbour. */
export function virtualToken(type: TokenType, offset: number, neighbour: IToken): IToken {
  const line = neighbour.endLine ?? 1;
  const column = neighbour.endColumn ?? 1;
  const token = createTokenInstance(type, "", offset, offset - 1, line, line, column, column);
  token.isInsertedInRecovery = true;
  return token;
}
