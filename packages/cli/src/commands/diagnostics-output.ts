import { relative } from "node:path";
import type { Diagnostic, Fix, Span } from "@kdp/dsl";
import type { FaultData } from "@kdp/runtime";
import { faultText } from "../failures/fault-text.js";
import type { Output } from "../io/host.js";
import { paintOf } from "../text/paint.js";

/** What check, plan and run can tell before anything ran. */
export interface Findings {
  readonly diagnostics: readonly Diagnostic[];
  readonly faults: readonly FaultData[];
  readonly sources: ReadonlyMap<string, string>;
}

/** A screen or two: whoever has more mistakes mends these first, and a file that is no pipeline has one on every line. */
const MOST_SHOWN = 20;

/** Diagnostics with their code frames and faults, for a person. */
export async function printFindings(findings: Findings, output: Output, workingFolder: string): Promise<void> {
  const { renderDiagnostics } = await import("@kdp/dsl");
  const { faultFrame } = await import("../failures/fault-frame.js");
  const shown = withRelativeFiles({ ...findings, diagnostics: mostTelling(findings.diagnostics) }, workingFolder);
  const unshown = findings.diagnostics.length - shown.diagnostics.length;
  const { colors } = output;
  const lineWidth = lineWidthOf(output);
  const frame = faultFrame({ sources: findings.sources, root: workingFolder, workingFolder, lineWidth, colors });
  const blocks = [
    ...(shown.diagnostics.length > 0
      ? [
          renderDiagnostics(shown.diagnostics, shown.sources, {
            paint: paintOf(colors),
            lineWidth,
          }),
        ]
      : []),
    ...(unshown > 0 ? [`… and ${unshown} more; \`kdp check --json\` lists all`] : []),
    ...findings.faults.map((fault) => faultText(fault, colors, { frame }).trimEnd()),
  ];
  if (blocks.length > 0) output.write(`${blocks.join("\n\n")}\n`);
}

/** Cells of a line of source that an output has room for. */
export const lineWidthOf = (output: Output): number => Math.max(60, Math.min(output.columns - 8, 120));

/** All where they are few; else errors before the rest. */
function mostTelling(diagnostics: Findings["diagnostics"]): Findings["diagnostics"] {
  if (diagnostics.length <= MOST_SHOWN) return diagnostics;
  const errors = diagnostics.filter(({ severity }) => severity === "error");
  return [...errors, ...diagnostics.filter(({ severity }) => severity !== "error")].slice(0, MOST_SHOWN);
}

/** `2 errors, 1 warning`. */
export function countFindings({ diagnostics, faults }: Findings): string {
  const of = (severity: Diagnostic["severity"]): number => diagnostics.filter((d) => d.severity === severity).length;
  const parts = [
    [of("error") + faults.length, "error"],
    [of("warning"), "warning"],
    [of("hint"), "hint"],
  ] as const;
  const told = parts.filter(([count]) => count > 0).map(([count, noun]) => `${count} ${noun}${count === 1 ? "" : "s"}`);
  return told.length === 0 ? "no problems" : told.join(", ");
}

/** Names files as the user would: relative to the folder the command was typed in. */
function withRelativeFiles(findings: Findings, workingFolder: string): Findings {
  const name = (file: string): string => relative(workingFolder, file) || file;
  const move = (span: Span): Span => ({ ...span, file: name(span.file) });
  const moveFix = (fix: Fix): Fix => ({ ...fix, edits: fix.edits.map((edit) => ({ ...edit, span: move(edit.span) })) });
  return {
    ...findings,
    sources: new Map([...findings.sources].map(([file, text]) => [name(file), text])),
    diagnostics: findings.diagnostics.map((diagnostic) => ({
      ...diagnostic,
      span: move(diagnostic.span),
      ...(diagnostic.related && {
        related: diagnostic.related.map((related) => ({ ...related, span: move(related.span) })),
      }),
      ...(diagnostic.fixes && { fixes: diagnostic.fixes.map(moveFix) }),
    })),
  };
}

export interface JsonDiagnostic {
  readonly code: string;
  readonly severity: string;
  readonly message: string;
  readonly file: string;
  /** Lines and columns from 1, columns in UTF-16 units, the end exclusive. */
  readonly line: number;
  readonly column: number;
  readonly endLine: number;
  readonly endColumn: number;
  readonly fixes: readonly {
    readonly title: string;
    readonly edits: readonly {
      readonly file: string;
      readonly line: number;
      readonly column: number;
      readonly endLine: number;
      readonly endColumn: number;
      readonly text: string;
    }[];
  }[];
}

/** The same for a program. A fault that no line asked for stands at the start of the pipeline's file. */
export async function jsonFindings(
  findings: Findings,
  file: string,
  workingFolder: string,
): Promise<{ readonly diagnostics: readonly JsonDiagnostic[] }> {
  const { createLineIndex } = await import("@kdp/dsl");
  const shown = withRelativeFiles(findings, workingFolder);
  const indexes = new Map([...shown.sources].map(([name, text]) => [name, createLineIndex(text)]));
  const place = (span: Span) => {
    const index = indexes.get(span.file);
    const from = index?.positionAt(span.start) ?? { line: 1, column: 1 };
    const to = index?.positionAt(span.end) ?? from;
    return { file: span.file, line: from.line, column: from.column, endLine: to.line, endColumn: to.column };
  };
  const asked = ({ file: name, line, column, endLine, endColumn }: NonNullable<FaultData["at"]>) => ({
    file: relative(workingFolder, name) || name,
    ...{ line, column, endLine, endColumn },
  });
  const diagnostics = shown.diagnostics.map((diagnostic): JsonDiagnostic => {
    const fixes = (diagnostic.fixes ?? []).map(({ title, edits }) => ({
      title,
      edits: edits.map(({ span, text }) => ({ ...place(span), text })),
    }));
    const { code, severity, message } = diagnostic;
    return { code, severity, message, ...place(diagnostic.span), fixes };
  });
  const faults = findings.faults.map((fault): JsonDiagnostic => {
    const message = fault.place === undefined ? fault.message : `${fault.message} (${fault.place})`;
    const fixes = fault.fix === undefined ? [] : [{ title: fault.fix, edits: [] }];
    const start = { file, line: 1, column: 1, endLine: 1, endColumn: 1 };
    return { code: fault.code, severity: "error", message, ...(fault.at ? asked(fault.at) : start), fixes };
  });
  return { diagnostics: [...diagnostics, ...faults] };
}
