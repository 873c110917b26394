interface Evaluation {
  /** Of its artefact; null when it has none. */
  readonly key: string | null;
}

interface Compared {
  readonly evaluations: readonly { readonly taught: Evaluation; readonly plain: Evaluation }[];
}

/** Bytes of per-user tables that are open at once; one student and its plain one are always opened together. */
const BATCH_BYTES = 256 * 1024 ** 2;

/** Keys of the evaluations that a comparison reads. */
export const keysOf = ({ evaluations }: Compared): readonly string[] =>
  evaluations.flatMap(({ taught, plain }) => [taught.key, plain.key]).filter((key) => key !== null);

/**
 * Cuts comparisons into parts whose tables fit the memory. Neighbours share tables: the metrics of one student read the same ones.
 * @param sizes bytes of the per-user table of an evaluation, by its key
 */
export function batches<C extends Compared>(
  comparisons: readonly C[],
  sizes: ReadonlyMap<string, number>,
  limit = BATCH_BYTES,
): readonly (readonly C[])[] {
  const found: C[][] = [];
  let open = new Set<string>();
  for (const comparison of comparisons) {
    const keys = keysOf(comparison);
    const together = new Set([...open, ...keys]);
    const bytes = [...together].reduce((sum, key) => sum + (sizes.get(key) ?? 0), 0);
    const fits = keys.every((key) => open.has(key)) || bytes <= limit;
    if (fits && found.length > 0) found.at(-1)?.push(comparison);
    else found.push([comparison]);
    open = fits ? together : new Set(keys);
  }
  return found;
}
