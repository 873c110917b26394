import type { Diagnostic, Span } from "../diagnostics/diagnostic.js";
import type { Cell } from "../plan/plan.js";
import { cellSuffix, distinctCells, project } from "./axes.js";

/**
 * Collects diagnostics. The same expression is evaluated in several cells of the matrix, and a stage of a file wherever it is
 * called: what is wrong with it is told once.
 */
export interface Reporter {
  add(diagnostic: Diagnostic): void;
  /**
   * Evaluates one statement in some cells, of which it sees `axes`. What is wrong in a few of them says in which. A cell that
   * is the same as an earlier one need not be evaluated: then `evaluate` returns `"same"`.
   */
  inCells(cells: readonly Cell[], axes: readonly string[], evaluate: (cell: Cell) => "same" | undefined): void;
  /** Evaluates the body of a stage that is called at `site`. */
  inCall<T>(site: Span, evaluate: () => T): T;
  readonly diagnostics: readonly Diagnostic[];
}

export function createReporter(): Reporter {
  const diagnostics: Diagnostic[] = [];
  /** Number of the statement that first spoke about a place. */
  const spoken = new Map<string, number>();
  const texts = new Set<string>();
  let statement = 0;
  let buffer: Diagnostic[] | null = null;

  const collect = (evaluate: () => unknown): readonly Diagnostic[] => {
    const outer = buffer;
    const own: Diagnostic[] = [];
    buffer = own;
    try {
      evaluate();
    } finally {
      buffer = outer;
    }
    return own;
  };

  const add = (diagnostic: Diagnostic): void => {
    if (buffer) {
      buffer.push(diagnostic);
      return;
    }
    const place = placeOf(diagnostic);
    const text = `${place}|${diagnostic.message}`;
    const first = spoken.get(place);
    if (texts.has(text) || (first !== undefined && first !== statement)) return;
    spoken.set(place, statement);
    texts.add(text);
    diagnostics.push(diagnostic);
  };

  return {
    diagnostics,
    add,
    inCells: (cells, axes, evaluate) => {
      statement++;
      const found = new Map<string, { readonly first: Diagnostic[]; readonly cells: Cell[] }>();
      let evaluated = 0;
      for (const cell of distinctCells(cells, axes)) {
        let outcome: "same" | undefined;
        const told = collect(() => {
          outcome = evaluate(cell);
        });
        if (outcome !== "same") evaluated++;
        for (const diagnostic of told) {
          const place = placeOf(diagnostic);
          const entry = found.get(place) ?? { first: [], cells: [] };
          if (entry.cells.at(-1) !== cell) entry.cells.push(cell);
          if (entry.cells.length === 1) entry.first.push(diagnostic);
          found.set(place, entry);
        }
      }
      for (const entry of found.values()) {
        const isEverywhere = entry.cells.length === evaluated;
        for (const diagnostic of entry.first) {
          add(isEverywhere ? diagnostic : withNote(diagnostic, cellsNote(entry.cells, axes)));
        }
      }
      statement++;
    },
    inCall: (site, evaluate) => {
      let result: ReturnType<typeof evaluate> | undefined;
      const found = collect(() => {
        result = evaluate();
      });
      for (const diagnostic of found) {
        const related = [...(diagnostic.related ?? []), { span: site, label: "in this call" }];
        add({ ...diagnostic, related });
      }
      return result as ReturnType<typeof evaluate>;
    },
  };
}

const placeOf = ({ code, span }: Diagnostic): string => `${code}|${span.file}|${span.start}|${span.end}`;

const withNote = (diagnostic: Diagnostic, note: string): Diagnostic => ({
  ...diagnostic,
  notes: [...(diagnostic.notes ?? []), note],
});

/** `only in [seed=0,dim=64]`, for a few cells. */
function cellsNote(cells: readonly Cell[], axes: readonly string[]): string {
  const names = cells.map((cell) => cellSuffix(project(cell, axes)));
  const shown = names.slice(0, 3).join(", ");
  return names.length > 3 ? `only in ${shown} and ${names.length - 3} more cells` : `only in ${shown}`;
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
