/**
 * A number, an argument of the stage (`dim`; `hidden.0` is the first element of a list), or a size: `users`, `items`,
 * `interactions` (of training), and for a loss `batch` and `width` of the student, `teachers` (their number) and
 * `teacher_width` (of the widest). An argument that is off counts as 0; one that is called as a size is `params.items`.
 */
export type SizeFactor = number | string;

/** A sum of products: `[["users", "dim"], ["items", "dim"]]` is users · dim + items · dim. */
export type SizeFormula = readonly (readonly SizeFactor[])[];

/**
 * What a stage holds in memory while it runs, beside what the engine holds for every stage of its kind (interactions, lists,
 * the teachers' tables). Data, so that a plan can estimate it without running plugin code; nothing but an estimate.
 */
export interface MemoryFacts {
  /** Numbers of the model or of the loss's helpers. Those that train stand beside a gradient and the optimiser's state. */
  readonly parameters?: SizeFormula;
  /** Further bytes: buffers, samples, indexes. What is below a megabyte need not be told. */
  readonly bytes?: SizeFormula;
}

/** Sizes that a {@link SizeFormula} may name beside arguments. */
export const SIZE_NAMES = ["users", "items", "interactions", "batch", "width", "teacher_width", "teachers"] as const;
export type SizeName = (typeof SIZE_NAMES)[number];

const isSizeName = (name: string): name is SizeName => (SIZE_NAMES as readonly string[]).includes(name);

/**
 * Value of a formula.
 * @param params resolved arguments of the stage
 * @returns null when it names a size that is not known, or something that is no number
 */
export function sizeOf(
  formula: SizeFormula,
  sizes: Partial<Readonly<Record<SizeName, number>>>,
  params: Readonly<Record<string, unknown>>,
): number | null {
  let sum = 0;
  for (const product of formula) {
    let value = 1;
    for (const factor of product) {
      const number =
        typeof factor === "number" ? factor : isSizeName(factor) ? sizes[factor] : argument(factor, params);
      if (typeof number !== "number") return null;
      value *= number;
    }
    sum += value;
  }
  return sum;
}

/** `hidden.0` as the argument and the place in it. */
function pathOf(factor: string): readonly [name: string, index: string | undefined] {
  const [name = "", index] = factor.replace(/^params\./, "").split(".");
  return [name, index];
}

function argument(factor: string, params: Readonly<Record<string, unknown>>): unknown {
  const [name, index] = pathOf(factor);
  const value = params[name];
  if (value === null) return 0;
  if (index === undefined) return value;
  return Array.isArray(value) ? value.at(Number(index)) : undefined;
}

/** Names in a formula that are neither sizes nor arguments of the stage. */
export const unknownSizes = (formula: SizeFormula, params: Readonly<Record<string, unknown>>): readonly string[] =>
  formula.flat().filter((factor): factor is string => {
    if (typeof factor === "number" || isSizeName(factor)) return false;
    return !(pathOf(factor)[0] in params);
  });
