import type { IToken } from "chevrotain";
import { fix, report } from "../diagnostics/create-diagnostic.js";
import type { Diagnostic, Span } from "../diagnostics/diagnostic.js";
import { didYouMean } from "../diagnostics/did-you-mean.js";
import { type BuildContext, nodeSpan, partsOf } from "./build-context.js";
import type { MisplacedCstNode, StatementCstNode, UnknownCstNode } from "./cst.generated.js";
import { endOf, isArrowText, tokenName, tokenSpan } from "./syntax-context.js";
import * as T from "./tokens.js";

/** Words that may start a statement, by where it stands. */
const WORDS = {
  file: T.FILE_KEYWORDS.map(T.wordOf),
  pipeline: T.STATEMENT_KEYWORDS.filter((keyword) => !T.FILE_KEYWORDS.includes(keyword)).map(T.wordOf),
} as const;

const NOTES = {
  file: "a file holds `kdp`, `use`, `import`, `stage` and `pipeline`",
  pipeline: "a pipeline holds `param`, `matrix`, `let`, `expect` and `export`",
} as const;

/** Tokens that are no statement at all. */
export function reportUnknown(node: UnknownCstNode, level: "file" | "pipeline", context: BuildContext): void {
  const tokens = (partsOf(node).Junk ?? []).filter((token) => token.image !== "");
  for (const group of oneByOne(tokens)) reportGroup(group, level, context);
}

/** Tokens are of one kind here, so they are told apart by their text. */
const GOES_ON = /^(?:->|=>|\|>|[.,:=+*/)\]}-])$/;

/** Splits tokens where a line starts no deeper than the first one did, outside brackets: there something new begins. */
function oneByOne(tokens: readonly IToken[]): readonly (readonly IToken[])[] {
  const groups: IToken[][] = [];
  let depth = 0;
  let previous: IToken | null = null;
  for (const token of tokens) {
    const group = groups.at(-1);
    const onNewLine = previous !== null && previous.endLine !== token.startLine;
    const shallow = (token.startColumn ?? 1) <= (group?.[0]?.startColumn ?? 1);
    const unfinished = previous !== null && /^(?:->|=>|\|>|[.,:=+*/([{-])$/.test(previous.image);
    const starts = onNewLine && shallow && depth === 0 && !unfinished && !GOES_ON.test(token.image);
    if (!group || starts) groups.push([token]);
    else group.push(token);
    if (/^[([{]$/.test(token.image)) depth++;
    else if (/^[)\]}]$/.test(token.image)) depth = Math.max(0, depth - 1);
    previous = token;
  }
  return groups;
}

function reportGroup(tokens: readonly IToken[], level: "file" | "pipeline", context: BuildContext): void {
  const first = tokens[0]!;
  const previous = context.tokenBefore(first.startOffset);
  if (previous && previous.endLine === first.startLine && !/[{}]/.test(previous.image)) {
    context.addUnlessFollowing(restOfStatement(first, previous, context));
  } else if (isArrowText(first.image)) {
    context.add(report("KDP0006", { arrow: first.image }, tokenSpan(context, first), { variant: "before" }));
  } else if (level === "pipeline" && looksLikeValue(tokens)) {
    context.add(unnamedValue(context.span(first.startOffset, endOf(tokens.at(-1)!)), context));
  } else {
    context.add(unknownStatement(first, level, context));
  }
}

function unknownStatement(first: IToken, level: "file" | "pipeline", context: BuildContext): Diagnostic {
  const span = tokenSpan(context, first);
  const word = tokenName(first).slice(1, -1);
  const notes = [NOTES[level]];
  const suggestion = didYouMean(first.image, WORDS[level]);
  if (!suggestion) return report("KDP0004", { word }, span, { notes });
  const fixes = [fix(`write \`${suggestion}\``, span, suggestion)];
  return report("KDP0004", { word, suggestion }, span, { variant: "suggestion", notes, fixes });
}

/** Tokens behind a statement that is complete. */
function restOfStatement(first: IToken, previous: IToken, context: BuildContext): Diagnostic {
  const params = { expected: "`->` or the next statement", previous: tokenName(previous) };
  const end = context.span(endOf(previous), endOf(previous));
  const fixes = /^\w/.test(first.image) && /\w$/.test(previous.image) ? [fix("put `->` between them", end, " ->")] : [];
  return report("KDP0003", params, tokenSpan(context, first), { fixes });
}

/** `a -> b`, `f(x)`, `split.train`, `[a, b]`, `ndcg@10`. */
function looksLikeValue([first, second]: readonly IToken[]): boolean {
  if (!first) return false;
  return /^[[(]$|@\d+$/.test(first.image) || (/^\w+$/.test(first.image) && /^(?:->|\.|\()$/.test(second?.image ?? ""));
}

/** `split.train -> student` without a name. */
function unnamedValue(span: Span, context: BuildContext): Diagnostic {
  const name = context.freshName("result");
  return report("KDP0008", {}, span, {
    label: "a value in a pipeline needs a name",
    fixes: [fix(`name it \`${name}\``, context.span(span.start, span.start), `let ${name} = `)],
  });
}

/** `use`, `import`, `stage` or another pipeline inside a pipeline. */
export function reportMisplaced(node: MisplacedCstNode, context: BuildContext): void {
  const span = nodeSpan(context, node, 0);
  const keyword = /^\w+/.exec(context.text.slice(span.start))?.[0] ?? "";
  const params = { word: keyword, where: "at the top of the file, outside any pipeline" };
  const at = context.span(span.start, span.start + keyword.length);
  context.add(report("KDP0004", params, at, { variant: "misplaced" }));
}

/** Statements outside any pipeline: one message for all of them, and a fix if there is no pipeline at all. */
export function reportStrayStatements(
  nodes: readonly StatementCstNode[],
  hasPipeline: boolean,
  context: BuildContext,
): void {
  const first = nodes[0];
  const last = nodes.at(-1);
  if (!first || !last) return;
  const start = nodeSpan(context, first, 0).start;
  const end = nodeSpan(context, last, 0).end;
  const keyword = /^@?\w*/.exec(context.text.slice(start))?.[0] ?? "";
  const edits = [
    { span: context.span(start, start), text: "pipeline main {\n" },
    { span: context.span(end, end), text: "\n}" },
  ];
  context.add(
    report("KDP0004", { word: keyword, where: "inside a pipeline" }, context.span(start, start + keyword.length), {
      variant: "misplaced",
      notes: [NOTES.file],
      fixes: hasPipeline ? [] : [{ title: "put the statements into a pipeline", edits }],
    }),
  );
}
