import type { Fix } from "./diagnostic.js";

export interface AppliedFixes {
  /** Every source, changed or not. */
  readonly sources: ReadonlyMap<string, string>;
  readonly applied: readonly Fix[];
  /** Fixes that touch a place which another one has changed, or a file that is not there. Check again, then apply them. */
  readonly skipped: readonly Fix[];
}

interface Edit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** Applies fixes, each as a whole or not at all. Earlier ones win where two touch the same place. */
export function applyFixes(sources: ReadonlyMap<string, string>, fixes: readonly Fix[]): AppliedFixes {
  const edits = new Map<string, Edit[]>();
  const applied: Fix[] = [];
  const skipped: Fix[] = [];
  for (const fix of fixes) {
    const fits = fix.edits.every(({ span }) => {
      const text = sources.get(span.file);
      if (text === undefined || span.start < 0 || span.end > text.length || span.start > span.end) return false;
      return !(edits.get(span.file) ?? []).some((other) => touches(other, span));
    });
    if (!fits || fix.edits.length === 0) {
      skipped.push(fix);
      continue;
    }
    applied.push(fix);
    for (const { span, text } of fix.edits) {
      edits.set(span.file, [...(edits.get(span.file) ?? []), { start: span.start, end: span.end, text }]);
    }
  }
  const changed = new Map(sources);
  for (const [file, list] of edits) changed.set(file, rewrite(sources.get(file) ?? "", list));
  return { sources: changed, applied, skipped };
}

/** Two edits of the same place. Two insertions at one point count too: their order would be a guess. */
function touches(a: Omit<Edit, "text">, b: Omit<Edit, "text">): boolean {
  if (a.start === b.start) return true;
  return a.start < b.end && b.start < a.end;
}

function rewrite(text: string, edits: readonly Edit[]): string {
  let result = "";
  let at = 0;
  for (const edit of [...edits].sort((a, b) => a.start - b.start)) {
    result += text.slice(at, edit.start) + edit.text;
    at = edit.end;
  }
  return result + text.slice(at);
}
