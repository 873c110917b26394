/**
 * Holm's step-down adjustment of a family of p-values: the i-th smallest of m times m - i + 1, never below a smaller one's,
 * at most 1. Values that are NaN belong to no test and stay NaN.
 */
export function holm(values: readonly number[]): readonly number[] {
  const order = [...values.keys()].filter((i) => !Number.isNaN(values[i] as number));
  order.sort((a, b) => (values[a] as number) - (values[b] as number) || a - b);
  const adjusted = values.map(() => Number.NaN);
  let floor = 0;
  order.forEach((at, i) => {
    floor = Math.max(floor, Math.min(1, (order.length - i) * (values[at] as number)));
    adjusted[at] = floor;
  });
  return adjusted;
}
