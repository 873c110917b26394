import type { Diagnostic } from "../diagnostics/diagnostic.js";
import type { Comment, SourceFile } from "./ast.js";
import { createBuildContext } from "./build-context.js";
import { buildFile } from "./build-file.js";
import type { FileCstNode } from "./cst.generated.js";
import { KdpParser } from "./grammar.js";
import { createLexer } from "./lexer.js";
import { reportLexicalErrors } from "./lexical-errors.js";
import { onePerPlace } from "./one-per-place.js";
import { repairStructure } from "./structure.js";
import { createSyntaxContext, tokenSpan } from "./syntax-context.js";
import { reportParseError } from "./syntax-errors.js";
import { DocComment } from "./tokens.js";

export interface ParseResult {
  /** Complete even if the text is not: missing names and expressions are marked as such. */
  readonly ast: SourceFile;
  readonly comments: readonly Comment[];
  /** In source order. */
  readonly diagnostics: readonly Diagnostic[];
}

/** A parser of `.kdp` files. Building one costs some ten milliseconds, a parse little: keep it. */
export function createParser(): (text: string, file: string) => ParseResult {
  const lex = createLexer();
  // The grammar is validated in a test; here that would only cost time at each start.
  const parser = new KdpParser({ skipValidations: true });
  return (text, file) => {
    const context = createSyntaxContext(text, file);
    const lexed = lex(text);
    reportLexicalErrors(lexed, context);
    const tokens = repairStructure(lexed.tokens, context);
    parser.input = tokens;
    const tree = parser.file() as FileCstNode;
    const build = createBuildContext(context, tokens, lexed.comments);
    for (const error of parser.errors) build.addParseError(reportParseError(error, build));
    const ast = buildFile(tree, build);
    const comments = lexed.comments.map((token) => ({
      text: token.image,
      doc: token.tokenType === DocComment,
      span: tokenSpan(context, token),
    }));
    return { ast, comments, diagnostics: onePerPlace(build) };
  };
}

/** Parses the text of one file. `file` is the name that spans carry. Never throws; every mistake is a diagnostic. */
export const parse: (text: string, file: string) => ParseResult = (() => {
  // Built on first use, so that importing the package costs nothing; it holds no state between calls.
  let parser: ReturnType<typeof createParser> | undefined;
  return (text, file) => {
    parser ??= createParser();
    return parser(text, file);
  };
})();
