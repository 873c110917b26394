import type { Diagnostic, Severity, Span } from "./diagnostic.js";
import { cutLine, displayLine, harmless } from "./display-line.js";
import { createLineIndex, type LineIndex } from "./position.js";

/** Colours of a rendered diagnostic; each function gets plain text and returns what a terminal shall see. */
export interface Paint {
  /** Head line and underline of the primary place. */
  severity(text: string, severity: Severity): string;
  /** Underline of a related place. */
  related(text: string): string;
  strong(text: string): string;
  /** Gutter, arrows and names of notes. */
  faint(text: string): string;
}

export interface RenderOptions {
  readonly paint?: Paint;
  /** Cells of a source line before it is cut; 100 unless told. */
  readonly lineWidth?: number;
  readonly tabWidth?: number;
}

const PLAIN: Paint = {
  severity: (text) => text,
  related: (text) => text,
  strong: (text) => text,
  faint: (text) => text,
};

interface Mark {
  readonly span: Span;
  readonly label: string;
  readonly primary: boolean;
}

/**
 * A diagnostic as text: the message, the code it is about with what to look at underlined, notes, fixes, and where to read
 * more. Pure: the sources and the colours are given.
 */
export function renderDiagnostic(
  diagnostic: Diagnostic,
  sources: ReadonlyMap<string, string>,
  options: RenderOptions = {},
): string {
  return renderWith(diagnostic, indexesOf(sources), options);
}

/** Line indexes of files, each made when it is first needed. */
type Indexes = (file: string) => LineIndex | undefined;

function indexesOf(sources: ReadonlyMap<string, string>): Indexes {
  const made = new Map<string, LineIndex>();
  return (file) => {
    const text = sources.get(file);
    if (text === undefined) return undefined;
    const index = made.get(file) ?? createLineIndex(text);
    made.set(file, index);
    return index;
  };
}

function renderWith(diagnostic: Diagnostic, indexes: Indexes, options: RenderOptions): string {
  const { paint = PLAIN } = options;
  const marks: readonly Mark[] = [
    { span: diagnostic.span, label: diagnostic.label ?? "", primary: true },
    ...(diagnostic.related ?? []).map((related) => ({ ...related, primary: false })),
  ];
  const lastLines = marks.map(({ span }) => indexes(span.file)?.positionAt(span.start).line ?? 1);
  const gutter = " ".repeat(String(Math.max(...lastLines)).length);
  const frame: Frame = {
    gutter,
    paint,
    severity: diagnostic.severity,
    width: options.lineWidth ?? 100,
    tab: options.tabWidth ?? 4,
  };

  const head = paint.severity(`${diagnostic.severity}[${diagnostic.code}]`, diagnostic.severity);
  const lines = [`${head}${paint.strong(`: ${harmless(diagnostic.message)}`)}`];
  for (const file of new Set(marks.map(({ span }) => span.file))) {
    const own = marks.filter(({ span }) => span.file === file);
    lines.push(...frameOf(own, indexes(file), frame));
  }
  const remark = (kind: string, text: string) =>
    `${gutter} ${paint.faint("=")} ${paint.strong(`${kind}:`)} ${harmless(text)}`;
  for (const note of diagnostic.notes ?? []) lines.push(remark("note", note));
  for (const { title } of diagnostic.fixes ?? []) lines.push(remark("fix", title));
  lines.push(remark("see", `kdp explain ${diagnostic.code}`));
  return lines.join("\n");
}

/**
 * Lines that show a place in a source with what to look at underlined, under `--> file:line:column`.
 * @param options `arrow` for a second place of one message, `gutter` the least width of the column of line numbers
 */
export function renderPlace(
  {
    span,
    label = "",
    severity = "error",
  }: { readonly span: Span; readonly label?: string; readonly severity?: Severity },
  sources: ReadonlyMap<string, string>,
  options: RenderOptions & { readonly arrow?: "-->" | ":::"; readonly gutter?: number } = {},
): readonly string[] {
  const { paint = PLAIN, arrow = "-->", lineWidth = 100, tabWidth = 4 } = options;
  const index = indexesOf(sources)(span.file);
  const digits = String(index?.positionAt(span.start).line ?? 1).length;
  const gutter = " ".repeat(Math.max(digits, options.gutter ?? 1));
  return frameOf(
    [{ span, label, primary: true }],
    index,
    { gutter, paint, severity, width: lineWidth, tab: tabWidth },
    arrow,
  );
}

/** Several diagnostics, with a blank line between two. */
export function renderDiagnostics(
  diagnostics: readonly Diagnostic[],
  sources: ReadonlyMap<string, string>,
  options: RenderOptions = {},
): string {
  const indexes = indexesOf(sources);
  return diagnostics.map((diagnostic) => renderWith(diagnostic, indexes, options)).join("\n\n");
}

interface Frame {
  readonly gutter: string;
  readonly paint: Paint;
  readonly severity: Severity;
  readonly width: number;
  readonly tab: number;
}

/** The marked lines of one file. Lines between two marked ones are shown if they are few. */
function frameOf(
  marks: readonly Mark[],
  index: LineIndex | undefined,
  frame: Frame,
  arrow = marks[0]?.primary ? "-->" : ":::",
): readonly string[] {
  const { gutter, paint } = frame;
  const first = marks[0]!;
  if (!index) return [`${gutter}${paint.faint(arrow)} ${harmless(first.span.file)}`];
  const at = index.positionAt(first.span.start);
  const bar = `${gutter} ${paint.faint("|")}`;
  const lines = [`${gutter}${paint.faint(arrow)} ${harmless(first.span.file)}:${at.line}:${at.column}`, bar];
  const byLine = new Map<number, Mark[]>();
  for (const mark of marks) {
    const { line } = index.positionAt(mark.span.start);
    byLine.set(line, [...(byLine.get(line) ?? []), mark]);
  }
  let previous: number | null = null;
  for (const line of [...byLine.keys()].sort((a, b) => a - b)) {
    if (previous !== null && line - previous === 2) lines.push(sourceLine(line - 1, [], index, frame)[0]!);
    else if (previous !== null && line - previous > 2) lines.push(paint.faint("..."));
    lines.push(...sourceLine(line, byLine.get(line) ?? [], index, frame));
    previous = line;
  }
  lines.push(bar);
  return lines;
}

/** One line of source and, under it, a row for each mark. */
function sourceLine(line: number, marks: readonly Mark[], index: LineIndex, frame: Frame): readonly string[] {
  const { gutter, paint } = frame;
  const start = index.startOf(line);
  const text = index.textOf(line);
  const shown = displayLine(text, frame.tab);
  const placed = marks
    .map((mark) => {
      const from = shown.cellOf(mark.span.start - start);
      // A stretch of several lines is underlined to the end of its first.
      const to = shown.cellOf(Math.min(mark.span.end - start, text.length));
      return { mark, from, to: Math.max(from + 1, to) };
    })
    .sort((a, b) => a.from - b.from || Number(a.mark.primary) - Number(b.mark.primary));
  const main = placed.find(({ mark }) => mark.primary) ?? placed[0];
  const cut = cutLine(shown.text, main?.from ?? 0, main?.to ?? 0, frame.width);
  const number = String(line).padStart(gutter.length);
  const rows = [`${paint.faint(`${number} |`)} ${cut.text}`.trimEnd()];
  for (const { mark, from, to } of placed) {
    const begin = Math.max(0, from - cut.shift);
    const length = Math.max(1, Math.min(to - cut.shift, frame.width) - begin);
    const pointer = (mark.primary ? "^" : "-").repeat(length) + (mark.label ? ` ${harmless(mark.label)}` : "");
    const painted = mark.primary ? paint.severity(pointer, frame.severity) : paint.related(pointer);
    rows.push(`${gutter} ${paint.faint("|")} ${" ".repeat(begin)}${painted}`);
  }
  return rows;
}
