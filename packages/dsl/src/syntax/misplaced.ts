import type { IToken } from "chevrotain";
import { fix, report } from "../diagnostics/create-diagnostic.js";
import { didYouMean } from "../diagnostics/did-you-mean.js";
import { type BuildContext, inSourceOrder, nodeSpan, partsOf } from "./build-context.js";
import type { MisplacedCstNode, StatementCstNode, UnknownCstNode, UnnamedCstNode } from "./cst.generated.js";
import { endOf, tokenName, tokenSpan } from "./syntax-context.js";
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
  const { Filler, unknownBlock } = partsOf(node);
  const block = unknownBlock?.[0] && partsOf(unknownBlock[0]).LCurly;
  const first = inSourceOrder([...(Filler ?? []), ...(block ?? [])])[0];
  if (!first || first.image === "") return;
  const previous = context.tokenBefore(first.startOffset);
  if (previous && followsOnTheLine(first, previous)) {
    reportRest(first, previous, context);
    return;
  }
  const span = tokenSpan(context, first);
  if (first.tokenType === T.Arrow || first.tokenType === T.BadArrow) {
    context.add(report("KDP0006", { arrow: first.image }, span, { variant: "before" }));
    return;
  }
  const word = first.image.length > 24 ? `${first.image.slice(0, 20)}…` : first.image;
  const suggestion = didYouMean(first.image, WORDS[level]);
  if (suggestion) {
    const fixes = [fix(`write \`${suggestion}\``, span, suggestion)];
    context.add(report("KDP0004", { word, suggestion }, span, { variant: "suggestion", notes: [NOTES[level]], fixes }));
    return;
  }
  context.add(report("KDP0004", { word }, span, { notes: [NOTES[level]] }));
}

function followsOnTheLine(token: IToken, previous: IToken): boolean {
  const brace = previous.tokenType === T.LCurly || previous.tokenType === T.RCurly;
  return !brace && previous.endLine === token.startLine;
}

/** Tokens behind a statement that is complete. */
function reportRest(first: IToken, previous: IToken, context: BuildContext): void {
  const startsValue = first.tokenType === T.LSquare || first.tokenType.CATEGORIES?.includes(T.Filler) === true;
  const params = { expected: "`->` or the next statement", previous: tokenName(previous) };
  const isName = first.tokenType === T.Identifier || first.tokenType.CATEGORIES?.includes(T.Identifier);
  const end = context.span(endOf(previous), endOf(previous));
  const fixes = startsValue && isName ? [fix("put `->` between them", end, " ->")] : [];
  context.add(report("KDP0003", params, tokenSpan(context, first), { fixes }));
}

/** `split.train -> student` without a name. */
export function reportUnnamed(node: UnnamedCstNode, context: BuildContext): void {
  const span = nodeSpan(context, node, 0);
  const name = freeName(context.text);
  context.add(
    report("KDP0008", {}, span, {
      label: "a value in a pipeline needs a name",
      fixes: [fix(`name it \`${name}\``, context.span(span.start, span.start), `let ${name} = `)],
    }),
  );
}

function freeName(text: string): string {
  let name = "result";
  for (let count = 2; new RegExp(`\\b${name}\\b`).test(text); count++) name = `result${count}`;
  return name;
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
