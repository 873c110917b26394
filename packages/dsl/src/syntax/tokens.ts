import { createToken, Lexer, type TokenType } from "chevrotain";

/**
 * The token table. Order matters: the lexer takes the first pattern that matches.
 *
 * Besides the tokens of the language there are tokens for frequent mistakes (`30min`, `=>`, `'text'`). They carry the category
 * of what was meant, so that the parser goes on as if it had been written right; `lexical-errors.ts` reports them.
 */

/** Letters outside ASCII: taken into names so that the mistake is one token and one message. */
const WIDE = "\\u00c0-\\u024f\\u0370-\\u1fff\\u3040-\\ud7ff";

/** What an unknown statement may be made of: all but statement starters and braces. */
export const Filler = createToken({ name: "Filler", pattern: Lexer.NA });
/** What starts a statement: a keyword, or the `@` of an annotation. */
export const Starter = createToken({ name: "Starter", pattern: Lexer.NA });

const filler = (name: string, pattern: RegExp | string, label: string, categories: TokenType[] = []): TokenType =>
  createToken({ name, pattern, label, categories: [Filler, ...categories] });

// --- names and keywords ---------------------------------------------------------------------------------------------

export const Identifier = createToken({
  name: "Identifier",
  pattern: new RegExp(`[A-Za-z_${WIDE}][\\w${WIDE}]*`),
  label: "a name",
  categories: [Filler],
});

const keyword = (name: string, word: string): TokenType =>
  createToken({ name, pattern: word, label: `\`${word}\``, longer_alt: Identifier, categories: [Starter] });

/** A word that means something in one place only; everywhere else it is a name. */
const softKeyword = (name: string, word: string): TokenType =>
  createToken({ name, pattern: word, label: `\`${word}\``, longer_alt: Identifier, categories: [Identifier, Filler] });

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

export const As = softKeyword("As", "as");
export const From = softKeyword("From", "from");
export const In = softKeyword("In", "in");
export const Each = softKeyword("Each", "each");
export const Over = softKeyword("Over", "over");
export const Else = softKeyword("Else", "else");
export const Exclude = softKeyword("Exclude", "exclude");

export const True = createToken({
  name: "True",
  pattern: "true",
  label: "`true`",
  longer_alt: Identifier,
  categories: [Filler],
});
export const False = createToken({
  name: "False",
  pattern: "false",
  label: "`false`",
  longer_alt: Identifier,
  categories: [Filler],
});

// --- literals ---------------------------------------------------------------------------------------------------------

export const Metric = filler("Metric", /[A-Za-z_]\w*@\d+(?!\w)/, "a metric");
export const BadMetric = filler("BadMetric", /[A-Za-z_]\w*@\w*/, "a metric", [Metric]);

export const Duration = filler("Duration", /\d+(?:ms|s|m|h|d)(?!\w)/, "a duration");
export const Bytes = filler("Bytes", /\d+(?:KB|MB|GB|TB)(?!\w)/, "a size");
export const Float = filler("Float", /\d+(?:\.\d+(?:[eE][+-]?\d+)?|[eE][+-]?\d+)(?!\w)/, "a number");
export const Int = filler("Int", /\d+(?!\w|\.\d)/, "a whole number");
/** `30min`, `16gb`, `1_000`, `.5`, `1e`. */
export const BadNumber = filler("BadNumber", /\d+(?:\.\d+)?[A-Za-z_]\w*|\.\d+\w*/, "a number");

export const Text = filler("Text", /"(?:[^"\\\r\n]|\\[^\r\n])*"/, "a string");
/**
 * A string without its end. It reaches to the end of the line, or to what looks like the rest of a call: `, name:`, or closing
 * brackets at the end of the line. So the missing quote costs one message, not also those of the brackets it would swallow.
 */
export const OpenText = filler(
  "OpenText",
  /"(?:(?![ \t]*(?:,[ \t]*[A-Za-z_]\w*:|[)\]]+[)\], \t]*(?![^\r\n])))(?:[^"\\\r\n]|\\[^\r\n]))*\\?/,
  "a string",
  [Text],
);
/** `'text'`, `` `text` `` or typographic quotes. */
export const QuotedText = createToken({
  name: "QuotedText",
  pattern: /'[^'\r\n]*'|`[^`\r\n]*`|[\u201c\u201d\u201e][^"\u201c\u201d\r\n]*["\u201c\u201d]/,
  label: "a string",
  categories: [Filler, Text],
});

// --- operators and punctuation ------------------------------------------------------------------------------------------

export const Arrow = filler("Arrow", "->", "`->`");
export const BadArrow = filler("BadArrow", /=>|\|>|[\u2192\u27f6\u2794]/, "`->`", [Arrow]);
export const Compare = filler("Compare", /<=|>=|==|!=|<|>/, "a comparison (`<`, `<=`, `>`, `>=`, `==` or `!=`)");
export const BadCompare = filler("BadCompare", /===|!==|=<|<>|[\u2264\u2265\u2260]/, "a comparison", [Compare]);
export const Equals = filler("Equals", "=", "`=`");
export const BadEquals = filler("BadEquals", ":=", "`=`", [Equals]);
export const Plus = filler("Plus", "+", "`+`");
export const Minus = filler("Minus", "-", "`-`");
export const BadMinus = filler("BadMinus", /[\u2212\u2013]/, "`-`", [Minus]);
export const Times = filler("Times", "*", "`*`");
export const Divide = filler("Divide", "/", "`/`");
export const DotDot = filler("DotDot", "..", "`..`");
export const Dot = filler("Dot", ".", "`.`");
export const Comma = filler("Comma", ",", "`,`");
/** In a list it stands for a comma, between statements for nothing. */
export const Semicolon = filler("Semicolon", ";", "`;`", [Comma]);
export const Colon = filler("Colon", ":", "`:`");
export const Pipe = filler("Pipe", "|", "`|`");
export const LParen = filler("LParen", "(", "`(`");
export const RParen = filler("RParen", ")", "`)`");
export const LSquare = filler("LSquare", "[", "`[`");
export const RSquare = filler("RSquare", "]", "`]`");
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
  ...[As, From, In, Each, Over, Else, Exclude, True, False],
  Identifier,
  ...[Duration, Bytes, Float, Int, DotDot, BadNumber],
  ...[Text, OpenText, QuotedText],
  ...[BadArrow, Arrow, BadCompare, BadEquals, Compare, Equals],
  ...[Plus, Minus, BadMinus, Times, Divide, Dot, Comma, Semicolon, Colon, Pipe],
  ...[LParen, RParen, LSquare, RSquare, LCurly, RCurly, At, Filler, Starter],
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
