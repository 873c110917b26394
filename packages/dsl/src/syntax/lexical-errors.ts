import type { IToken } from "chevrotain";
import { fix, report } from "../diagnostics/create-diagnostic.js";
import type { LexResult, Stray } from "./lexer.js";
import { isUnit, mendNumber } from "./number-text.js";
import { type BadEscape, badEscapes, quoteString, stringValue } from "./string-text.js";
import { endOf, type SyntaxContext, tokenSpan } from "./syntax-context.js";
import * as T from "./tokens.js";

/** Operators of other languages, and what they are here. */
const OPERATORS: Readonly<Record<string, string>> = {
  ...{ "|>": "->", "\u2192": "->", "\u27f6": "->", "\u2794": "->", ":=": "=" },
  ...{ "===": "==", "!==": "!=", "=<": "<=", "<>": "!=", "\u2264": "<=", "\u2265": ">=", "\u2260": "!=" },
  ...{ "\u2212": "-", "\u2013": "-" },
};

/** The comparison that a token means. */
export function comparisonOf(image: string): string {
  return image === "=>" ? ">=" : (OPERATORS[image] ?? image);
}

const INVISIBLE: Readonly<Record<string, string>> = {
  "\u00a0": "a no-break space",
  "\u00ad": "a soft hyphen",
  "\u200b": "a zero-width space",
  "\u200c": "a zero-width non-joiner",
  "\u200d": "a zero-width joiner",
  "\u2028": "a line separator",
  "\u2029": "a paragraph separator",
  "\u202f": "a narrow no-break space",
  "\u2060": "a word joiner",
  "\u3000": "an ideographic space",
};

/** Reports everything that is wrong with single tokens. */
export function reportLexicalErrors(lexed: LexResult, context: SyntaxContext): void {
  for (const stray of lexed.strays) reportStray(stray, context);
  for (const comment of lexed.badComments) reportComment(comment, context);
  for (const token of lexed.tokens) CHECKS.get(token.tokenType.name)?.(token, context);
}

type Check = (token: IToken, context: SyntaxContext) => void;

const CHECKS: ReadonlyMap<string, Check> = new Map<string, Check>([
  [T.Identifier.name, checkName],
  [T.BadNumber.name, reportNumber],
  [T.BadMetric.name, reportMetric],
  [T.Text.name, checkEscapes],
  [T.OpenText.name, reportOpenText],
  [T.QuotedText.name, reportQuotes],
  [T.BadCompare.name, reportOperator],
  [T.BadEquals.name, reportOperator],
  [T.BadMinus.name, reportOperator],
]);

function reportStray({ start, end }: Stray, context: SyntaxContext): void {
  const text = context.text.slice(start, end);
  const character = String.fromCodePoint(text.codePointAt(0) ?? 0);
  const span = context.span(start, end);
  const name = INVISIBLE[character] ?? controlName(character);
  if (name) {
    const space = /\s/.test(character) ? " " : "";
    const title = space ? "replace it with a space" : "remove it";
    context.add(report("KDP0001", { name }, span, { variant: "invisible", fixes: [fix(title, span, space)] }));
    return;
  }
  if (character === "'" || character === "`") {
    context.add(report("KDP0001", { character }, span, { variant: "quote" }));
    return;
  }
  const shown = text.length > 8 ? `${[...text].slice(0, 6).join("")}…` : text;
  // `$name` is a name in other languages; what the others were meant to be is anyone's guess.
  const fixes = shown === "$" ? [fix("remove `$`", span, "")] : [];
  context.add(report("KDP0001", { character: shown }, span, { fixes }));
}

function controlName(character: string): string | null {
  const code = character.codePointAt(0) ?? 0;
  const control = code < 0x20 || (code >= 0x7f && code < 0xa0) || (code >= 0x200b && code <= 0x200f);
  return control ? `U+${code.toString(16).toUpperCase().padStart(4, "0")}` : null;
}

function reportComment(comment: IToken, context: SyntaxContext): void {
  const span = tokenSpan(context, comment);
  const opener = comment.image.startsWith("#") ? "#" : "/*";
  const body = opener === "#" ? comment.image.slice(1) : comment.image.replace(/^\/\*+|\**\/$/g, "");
  const lines = body.split(/\r\n?|\n/).map((line) => `// ${line.replace(/^\s*\*?\s*/, "").trimEnd()}`.trimEnd());
  // Code behind a block comment on its last line would become part of the new comment.
  const codeBehind = opener === "/*" && /^[^\r\n]*\S/.test(context.text.slice(span.end));
  const indent = /[ \t]*$/.exec(context.text.slice(0, span.start))?.[0] ?? "";
  const text = lines.filter((line, at) => line !== "//" || (at > 0 && at < lines.length - 1)).join(`\n${indent}`);
  context.add(
    report("KDP0001", { character: opener }, span, {
      variant: "comment",
      fixes: [fix("write it with `//`", span, codeBehind ? `${text}\n` : text)],
    }),
  );
}

function checkName(token: IToken, context: SyntaxContext): void {
  const bad = /[^\w]+/.exec(token.image);
  if (!bad) return;
  context.add(
    report("KDP0001", { character: bad[0] }, tokenSpan(context, token), {
      variant: "letter",
      label: "names are made of the letters a to z, digits and `_`",
    }),
  );
}

function reportNumber(token: IToken, context: SyntaxContext): void {
  const span = tokenSpan(context, token);
  const mended = mendNumber(token.image);
  // In `a.5` the number is no number: a zero before it would become part of the name.
  const behindName = token.image.startsWith(".") && /[\w)\]]/.test(context.text.charAt(token.startOffset - 1));
  const mendable = mended.kind !== "unknown" && !behindName;
  const fixes = mendable ? [fix(`write \`${mended.text}\``, span, mended.text)] : [];
  if (mended.unit === null) {
    context.add(report("KDP0003", { text: token.image }, span, { variant: "number", fixes }));
    return;
  }
  const notes = ["durations are whole numbers with ms, s, m, h or d; sizes end in KB, MB, GB or TB"];
  if (isUnit(mended.unit)) {
    // The unit is right, so it is the fraction that is wrong: `1.5h`.
    context.add(report("KDP0003", { text: token.image }, span, { variant: "number", notes, fixes }));
    return;
  }
  context.add(report("KDP0003", { unit: mended.unit }, span, { variant: "unit", notes, fixes }));
}

function reportMetric(token: IToken, context: SyntaxContext): void {
  const span = tokenSpan(context, token);
  const metric = token.image.slice(0, token.image.indexOf("@"));
  context.add(report("KDP0003", { metric }, span, { variant: "cutoff" }));
}

function checkEscapes(token: IToken, context: SyntaxContext): void {
  const wrong = badEscapes(token.image);
  const first = wrong[0];
  if (!first) return;
  const notes = ['the escapes are \\" \\\\ \\n \\t \\r and \\u with four hexadecimal digits'];
  const placeOf = ({ offset, text }: BadEscape) =>
    context.span(token.startOffset + offset, token.startOffset + offset + text.length);
  // In a path of Windows the backslashes that are escapes by chance (`\\new`) are meant as backslashes too.
  if (/^"[A-Za-z]:\\/.test(token.image)) {
    const span = tokenSpan(context, token);
    const forward = token.image.replace(/\\+/g, "/");
    const fixes = [fix(`write \`${forward}\``, span, forward)];
    context.add(report("KDP0002", { escape: first.text }, placeOf(first), { variant: "escape", notes, fixes }));
    return;
  }
  for (const one of wrong) {
    const fixes = [fix("write the backslash twice", placeOf(one), `\\${one.text}`)];
    context.add(report("KDP0002", { escape: one.text }, placeOf(one), { variant: "escape", notes, fixes }));
  }
}

function reportOpenText(token: IToken, context: SyntaxContext): void {
  const span = context.span(token.startOffset, token.startOffset + 1);
  const content = token.image.trimEnd();
  const end = token.startOffset + content.length;
  const escaped = /(?<!\\)(?:\\\\)*\\$/.test(content);
  const rest = context.span(end, end);
  context.add(
    report("KDP0002", {}, span, {
      label: "opened here",
      fixes: [fix("close the string", rest, escaped ? '\\"' : '"')],
    }),
  );
}

function reportQuotes(token: IToken, context: SyntaxContext): void {
  const span = tokenSpan(context, token);
  context.add(
    report("KDP0001", { character: token.image.charAt(0) }, span, {
      variant: "quote",
      fixes: [fix("write it with double quotes", span, quoteString(stringValue(token.image)))],
    }),
  );
}

function reportOperator(token: IToken, context: SyntaxContext): void {
  suggestOperator(token, OPERATORS[token.image] ?? token.image, context);
}

/** `=>` and its like: reported where it is known whether an arrow or a comparison is meant. */
export function suggestOperator(token: IToken, operator: string, context: SyntaxContext): void {
  const span = context.span(token.startOffset, endOf(token));
  context.add(
    report("KDP0003", { text: token.image }, span, {
      variant: "operator",
      fixes: [fix(`write \`${operator}\``, span, operator)],
    }),
  );
}
