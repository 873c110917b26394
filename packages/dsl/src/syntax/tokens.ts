import type { TokenType } from "chevrotain";
import { createToken, Lexer } from "./chevrotain.js";

/**
 * The token table. Order matters: the lexer takes the first pattern that matches.
 *
 * Besides the tokens of the language there are tokens for frequent mistakes (`30min`, `=>`, `'text'`). They carry the category
 * of what was meant, so that the parser goes on as if it had been written right; `lexical-errors.ts` reports them.
 */

/** Letters outside ASCII: taken into names so that the mistake is one token and one message. */
const WIDE = "\\u00c0-\\u024f\\u0370-\\u1fff\\u3040-\\ud7ff";

/** What starts a statement: a keyword, or the `@` of an annotation. */
export const Starter = createToken({ name: "Starter", pattern: Lexer.NA });
/**
 * A token that belongs to no statement; the parser makes tokens this while it reads. Were those tokens allowed by the grammar
 * as they are, recovery would take any of them for the start of the next statement.
 */
export const Junk = createToken({ name: "Junk", pattern: Lexer.NA, label: "something unknown" });

const token = (name: string, pattern: RegExp | string, label: string, categories: TokenType[] = []): TokenType =>
  createToken({ name, pattern, label, categories });

// --- names and keywords ---------------------------------------------------------------------------------------------

export const Identifier = createToken({
  name: "Identifier",
  pattern: new RegExp(`[A-Za-z_${WIDE}][\\w${WIDE}]*`),
  label: "a name",
});

const keyword = (name: string, word: string): TokenType =>
  createToken({ name, pattern: word, label: `\`${word}\``, longer_alt: Identifier, categories: [Starter] });

export const Kdp = keyword("Kdp", "kdp");
export const Use = keyword("Use", "use");
export const Import = keyword("Import", "import");
export const Stage = keyword("Stage", "stage");
export const Pipeline = keyword("Pipeline", "pipeline");
export const Param = keyword("Param", "param");
export const Matrix = keyword("Matrix", "matrix");
export const Let = keyword("Let", "let");
export const Expect = keyword("Expect", "expect");
export const Export = keyword("Export", "export");

/**
 * Words that mean something in one place only. The lexer takes them as names; `word-roles.ts` makes them these where they
 * stand in that place.
 */
const softKeyword = (name: string): TokenType =>
  createToken({ name, pattern: Lexer.NA, label: `\`${name.toLowerCase()}\`` });

export const As = softKeyword("As");
export const From = softKeyword("From");
export const In = softKeyword("In");
export const Each = softKeyword("Each");
export const Over = softKeyword("Over");
export const Else = softKeyword("Else");
export const Exclude = softKeyword("Exclude");

export const True = createToken({
  name: "True",
  pattern: "true",
  label: "`true`",
  longer_alt: Identifier,
});
export const False = createToken({
  name: "False",
  pattern: "false",
  label: "`false`",
  longer_alt: Identifier,
});

// --- literals ---------------------------------------------------------------------------------------------------------

export const Metric = token("Metric", /[A-Za-z_]\w*@\d+(?!\w)/, "a metric");
export const BadMetric = token("BadMetric", /[A-Za-z_]\w*@\w*/, "a metric", [Metric]);

export const Duration = token("Duration", /\d+(?:ms|s|m|h|d)(?!\w)/, "a duration");
export const Bytes = token("Bytes", /\d+(?:KB|MB|GB|TB)(?!\w)/, "a size");
export const Float = token("Float", /\d+(?:\.\d+(?:[eE][+-]?\d+)?|[eE][+-]?\d+)(?!\w)/, "a number");
export const Int = token("Int", /\d+(?!\w|\.\d)/, "a whole number");
/** `30min`, `16gb`, `1_000`, `.5`, `1e`. */
export const BadNumber = token("BadNumber", /\d+(?:\.\d+)?[A-Za-z_]\w*|\.\d+\w*/, "a number");

export const Text = token("Text", /"(?:[^"\\\r\n]|\\[^\r\n])*"/, "a string");
/**
 * A string without its end. It reaches to the end of the line, or to what looks like the rest of a call: `, name:`, or a
 * closing bracket whose partner is not in the string. So the missing quote costs one message, not also those of the brackets it
 * would swallow.
 */
export const OpenText = token(
  "OpenText",
  /"(?:(?![ \t]*,[ \t]*[A-Za-z_]\w*:)(?:\([^"()\r\n]*\)|\[[^"[\]\r\n]*\]|\\[^\r\n]|[^"\\)\]\r\n]))*\\?/,
  "a string",
  [Text],
);
/** `'text'`, `` `text` `` or typographic quotes. */
export const QuotedText = createToken({
  name: "QuotedText",
  pattern: /'[^'\r\n]*'|`[^`\r\n]*`|[\u201c\u201d\u201e][^"\u201c\u201d\r\n]*["\u201c\u201d]/,
  label: "a string",
  categories: [Text],
});

// --- operators and punctuation ------------------------------------------------------------------------------------------

export const Arrow = token("Arrow", "->", "`->`");
export const BadArrow = token("BadArrow", /=>|\|>|[\u2192\u27f6\u2794]/, "`->`", [Arrow]);
export const Compare = token("Compare", /<=|>=|==|!=|<|>/, "a comparison (`<`, `<=`, `>`, `>=`, `==` or `!=`)");
export const BadCompare = token("BadCompare", /===|!==|=<|<>|[\u2264\u2265\u2260]/, "a comparison", [Compare]);
export const Equals = token("Equals", "=", "`=`");
export const BadEquals = token("BadEquals", ":=", "`=`", [Equals]);
export const Plus = token("Plus", "+", "`+`");
export const Minus = token("Minus", "-", "`-`");
export const BadMinus = token("BadMinus", /[\u2212\u2013]/, "`-`", [Minus]);
export const Times = token("Times", "*", "`*`");
export const Divide = token("Divide", "/", "`/`");
export const DotDot = token("DotDot", "..", "`..`");
export const Dot = token("Dot", ".", "`.`");
export const Comma = token("Comma", ",", "`,`");
/** In a list it stands for a comma, between statements for nothing. */
export const Semicolon = token("Semicolon", ";", "`;`", [Comma]);
export const Colon = token("Colon", ":", "`:`");
export const Pipe = token("Pipe", "|", "`|`");
export const LParen = token("LParen", "(", "`(`");
export const RParen = token("RParen", ")", "`)`");
export const LSquare = token("LSquare", "[", "`[`");
export const RSquare = token("RSquare", "]", "`]`");
export const LCurly = createToken({ name: "LCurly", pattern: "{", label: "`{`" });
export const RCurly = createToken({ name: "RCurly", pattern: "}", label: "`}`" });
export const At = createToken({ name: "At", pattern: "@", label: "`@`", categories: [Starter] });

// --- what the parser does not see -----------------------------------------------------------------------------------------

const aside = (name: string, pattern: RegExp, group: string): TokenType =>
  createToken({ name, pattern, group, line_breaks: true });

/** A byte order mark counts as white space. */
export const WhiteSpace = aside("WhiteSpace", /[ \t\r\n\f\ufeff]+/, Lexer.SKIPPED);
export const DocComment = aside("DocComment", /\/\/\/(?!\/)[^\r\n]*/, "comments");
export const LineComment = aside("LineComment", /\/\/[^\r\n]*/, "comments");
/** `# …` and C-style block comments, from other languages. */
export const BadComment = aside("BadComment", /#[^\r\n]*|\/\*(?:[^*]|\*(?!\/))*(?:\*\/)?/, "badComments");

/** In the order in which the lexer tries them. */
export const TOKENS: readonly TokenType[] = [
  WhiteSpace,
  DocComment,
  LineComment,
  BadComment,
  Metric,
  BadMetric,
  ...[Kdp, Use, Import, Stage, Pipeline, Param, Matrix, Let, Expect, Export],
  ...[True, False, Identifier],
  ...[Duration, Bytes, Float, Int, DotDot, BadNumber],
  ...[Text, OpenText, QuotedText],
  ...[BadArrow, Arrow, BadCompare, BadEquals, Compare, Equals],
  ...[Plus, Minus, BadMinus, Times, Divide, Dot, Comma, Semicolon, Colon, Pipe],
  ...[LParen, RParen, LSquare, RSquare, LCurly, RCurly, At],
  ...[As, From, In, Each, Over, Else, Exclude, Starter, Junk],
];

/** The words that start a statement; each is a plain name after `.` and before `:`. */
export const STATEMENT_KEYWORDS: readonly TokenType[] = [
  ...[Kdp, Use, Import, Stage, Pipeline],
  ...[Param, Matrix, Let, Expect, Export],
];

/** Of these, the ones that stand outside a pipeline. */
export const FILE_KEYWORDS: readonly TokenType[] = [Kdp, Use, Import, Stage, Pipeline];

/** The word of a keyword token type. */
export function wordOf(keyword: TokenType): string {
  return String(keyword.PATTERN);
}
