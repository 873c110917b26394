import type { Diagnostic } from "../diagnostics/diagnostic.js";

/**
 * Collects diagnostics. The same expression is evaluated once per matrix cell and once per use of a stage: a place that
 * has spoken in one evaluation is silent in the later ones.
 */
export interface Reporter {
  add(diagnostic: Diagnostic): void;
  /** Starts another evaluation of code that may have been evaluated before. */
  nextEvaluation(): void;
  readonly diagnostics: readonly Diagnostic[];
}

export function createReporter(): Reporter {
  const diagnostics: Diagnostic[] = [];
  /** Evaluation that first spoke, by code and place. */
  const spoken = new Map<string, number>();
  const texts = new Set<string>();
  let evaluation = 0;
  return {
    diagnostics,
    nextEvaluation: () => {
      evaluation++;
    },
    add: (diagnostic) => {
      const { code, span, message } = diagnostic;
      const place = `${code}|${span.file}|${span.start}|${span.end}`;
      const text = `${place}|${message}`;
      const first = spoken.get(place);
      if (texts.has(text) || (first !== undefined && first !== evaluation)) return;
      spoken.set(place, evaluation);
      texts.add(text);
      diagnostics.push(diagnostic);
    },
  };
}

/** Errors, warnings and hints in the order of the source, the given files first. */
export function inSourceOrder(diagnostics: readonly Diagnostic[], files: readonly string[]): readonly Diagnostic[] {
  const position = (d: Diagnostic): number => {
    const index = files.indexOf(d.span.file);
    return index === -1 ? files.length : index;
  };
  return [...diagnostics].sort(
    (a, b) => position(a) - position(b) || a.span.start - b.span.start || a.span.end - b.span.end,
  );
}
