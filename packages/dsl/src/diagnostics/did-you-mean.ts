/** A name that could be meant. A lower `rank` wins over a smaller distance: use it for how well the type fits. */
export interface Candidate {
  readonly name: string;
  readonly rank?: number;
}

/**
 * The candidates that `word` may be a misspelling of, best first: those within a Damerau-Levenshtein distance of a third of
 * the word's length, but at least 1, and those that begin or end with a word of three letters or more. Case counts half.
 *
 * @example
 * suggestions("bprfm", ["bprmf", "cml"]) // ["bprmf"]
 */
export function suggestions(word: string, candidates: Iterable<string | Candidate>): readonly string[] {
  const allowed = Math.max(1, Math.floor(word.length / 3));
  const found = new Map<string, { readonly rank: number; readonly distance: number }>();
  for (const candidate of candidates) {
    const { name, rank = 0 } = typeof candidate === "string" ? { name: candidate } : candidate;
    if (name === word || name === "") continue;
    const part = isPart(word.toLowerCase(), name.toLowerCase());
    // Letters of different lengths cannot be nearer than the difference.
    if (!part && Math.abs(name.length - word.length) > allowed) continue;
    const folded = part ? PART : editDistance(word.toLowerCase(), name.toLowerCase());
    // A word of one or two letters is near to everything; only its case or its order may be wrong.
    if (folded > allowed || (word.length <= 2 && folded >= word.length)) continue;
    const distance = part ? PART : folded + (folded === editDistance(word, name) ? 0 : 0.5);
    const known = found.get(name);
    if (!known || rank < known.rank) found.set(name, { rank, distance });
  }
  return [...found]
    .sort(([a, x], [b, y]) => x.rank - y.rank || x.distance - y.distance || (a < b ? -1 : 1))
    .map(([name]) => name);
}

/** How near a name is of which the word is one end: `gpu` means `webgpu` before `cpu`. */
const PART = 0.75;

const isPart = (word: string, name: string): boolean =>
  word.length >= 3 && (name.startsWith(word) || name.endsWith(word));

/** The best suggestion, or null when nothing is near. */
export function didYouMean(word: string, candidates: Iterable<string | Candidate>): string | null {
  return suggestions(word, candidates)[0] ?? null;
}

/**
 * Damerau-Levenshtein distance in its optimal-string-alignment form: insertions, deletions, substitutions and swaps of
 * neighbours each cost 1, and no stretch is edited twice.
 */
export function editDistance(a: string, b: string): number {
  let twoBack: number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const substitution = at(previous, j - 1) + (a[i - 1] === b[j - 1] ? 0 : 1);
      let cost = Math.min(at(previous, j) + 1, at(row, j - 1) + 1, substitution);
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      if (swapped) cost = Math.min(cost, at(twoBack, j - 2) + 1);
      row.push(cost);
    }
    twoBack = previous;
    previous = row;
  }
  return at(previous, b.length);
}

function at(row: readonly number[], index: number): number {
  return row[index] ?? Number.POSITIVE_INFINITY;
}
