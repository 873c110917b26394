import type { Comment, SourceFile } from "../syntax/ast.js";
import { report } from "./create-diagnostic.js";
import type { Diagnostic, Span } from "./diagnostic.js";
import { didYouMean } from "./did-you-mean.js";
import { MESSAGES } from "./messages.js";
import { createLineIndex, type LineIndex } from "./position.js";

/** A parsed file and its text. */
export interface CheckedFile {
  readonly text: string;
  readonly ast: SourceFile;
  readonly comments: readonly Comment[];
}

export interface IgnoreOptions {
  /**
   * Whether every check has run. After a syntax error the later checks have not, and an ignore comment that silences nothing
   * may still be right; so nothing is said about it.
   */
  readonly complete: boolean;
}

/** One code of a `// kdp-ignore` comment and the stretch of text it covers. */
interface Ignore {
  readonly code: string;
  readonly codeSpan: Span;
  readonly from: number;
  readonly to: number;
}

/**
 * Drops the diagnostics that a comment `// kdp-ignore KDP3305: reason` silences, and adds what is wrong with such comments: no
 * reason, an unknown code, nothing silenced. A comment on a line of its own covers the next line, and the whole statement if
 * one starts there; a comment behind code covers that line.
 *
 * Warnings and hints can be silenced, and the errors that are a matter of judgement: families 3 (recommender sense)
 * and 6 (resources).
 */
export function applyIgnoreComments(
  diagnostics: readonly Diagnostic[],
  file: CheckedFile,
  { complete }: IgnoreOptions,
): readonly Diagnostic[] {
  const marked = file.comments.filter(({ text }) => MARK.test(text));
  if (marked.length === 0) return diagnostics;
  const index = createLineIndex(file.text);
  const own: Diagnostic[] = [];
  const ignores = marked.flatMap((comment) => readIgnores(comment, file, index, own));
  const used = new Set<Ignore>();
  const kept = diagnostics.filter((diagnostic) => {
    const silencing = ignores.find((ignore) => covers(ignore, diagnostic) && isSilenceable(diagnostic));
    if (silencing) used.add(silencing);
    return !silencing;
  });
  for (const ignore of ignores) {
    if (used.has(ignore)) continue;
    const refused = diagnostics.some((diagnostic) => covers(ignore, diagnostic));
    if (refused) own.push(report("KDP1106", { code: ignore.code }, ignore.codeSpan, { variant: "ignoreError" }));
    else if (complete) own.push(report("KDP1106", { code: ignore.code }, ignore.codeSpan, { variant: "ignore" }));
  }
  return [...kept, ...own].sort((a, b) => (a.span.file === b.span.file ? a.span.start - b.span.start : 0));
}

const MARK = /^\/\/+\s*kdp-ignore\b/;

function readIgnores(comment: Comment, file: CheckedFile, index: LineIndex, own: Diagnostic[]): readonly Ignore[] {
  const match = /^(\/\/+\s*kdp-ignore\s*)([A-Za-z0-9_,\s]*?)\s*(?::\s*(.*))?$/.exec(comment.text);
  const [, head = "", list = "", reason = ""] = match ?? [];
  const named = [...list.matchAll(/\w+/g)].map((word) => {
    const start = comment.span.start + head.length + word.index;
    return { code: word[0], codeSpan: { ...comment.span, start, end: start + word[0].length } };
  });
  const first = named[0];
  if (!first) {
    const notes = ["write `// kdp-ignore KDP3305: the reason`"];
    own.push(report("KDP0003", {}, comment.span, { variant: "ignoreCode", notes }));
    return [];
  }
  if (reason.trim() === "") {
    const notes = [`write \`// kdp-ignore ${first.code}: the reason\`; it silences nothing without one`];
    own.push(report("KDP0003", { code: first.code }, comment.span, { variant: "ignoreReason", notes }));
    return [];
  }
  const covered = coveredBy(comment, file, index);
  return named.flatMap(({ code, codeSpan }) => {
    if (Object.hasOwn(MESSAGES, code)) return [{ code, codeSpan, ...covered }];
    own.push(unknownCode(code, codeSpan));
    return [];
  });
}

function unknownCode(code: string, span: Span): Diagnostic {
  const suggestion = didYouMean(code, Object.keys(MESSAGES));
  if (!suggestion) return report("KDP1106", { code }, span, { variant: "ignoreUnknown" });
  const fixes = [{ title: `write ${suggestion}`, edits: [{ span, text: suggestion }] }];
  return report("KDP1106", { code, suggestion }, span, { variant: "ignoreSuggestion", fixes });
}

/** The stretch of text that a comment speaks about. */
function coveredBy(
  comment: Comment,
  file: CheckedFile,
  index: LineIndex,
): { readonly from: number; readonly to: number } {
  const { line, column } = index.positionAt(comment.span.start);
  const codeBefore =
    index
      .textOf(line)
      .slice(0, column - 1)
      .trim() !== "";
  const target = codeBefore ? line : nextCodeLine(line, index);
  const from = index.startOf(target);
  const to = from + index.textOf(target).length;
  const starting = statementSpans(file.ast).filter(({ start }) => start >= from && start <= to);
  return { from, to: codeBefore ? to : Math.max(to, ...starting.map(({ end }) => end)) };
}

function nextCodeLine(line: number, index: LineIndex): number {
  let next = line + 1;
  while (next < index.lineCount && /^\s*(?:\/\/.*)?$/.test(index.textOf(next))) next++;
  return next;
}

function statementSpans(ast: SourceFile): readonly Span[] {
  const inner = ast.pipelines.flatMap(({ statements }) => statements);
  return [...ast.uses, ...ast.imports, ...ast.stages, ...inner].map(({ span }) => span);
}

function covers(ignore: Ignore, { code, span }: Diagnostic): boolean {
  const sameFile = span.file === ignore.codeSpan.file;
  return sameFile && code === ignore.code && span.start >= ignore.from && span.start <= ignore.to;
}

function isSilenceable({ code, severity }: Diagnostic): boolean {
  return severity !== "error" || /^KDP[36]/.test(code);
}
