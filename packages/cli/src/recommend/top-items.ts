import type { ServedModel } from "./read-export.js";

export interface ScoredItem {
  readonly item: string;
  readonly score: number;
}

/**
 * The best items of a user by inner product, summed in float64; equal scores in the order of the catalogue.
 * @param without rows of items that are left out
 */
export function topItems(
  model: Pick<ServedModel, "user" | "item" | "itemIds">,
  userRow: number,
  top: number,
  without: ReadonlySet<number>,
): readonly ScoredItem[] {
  const { user, item } = model;
  const factors = user.values.subarray(userRow * user.cols, (userRow + 1) * user.cols);
  const scored: { readonly row: number; readonly score: number }[] = [];
  for (let row = 0; row < item.rows; row++) {
    if (without.has(row)) continue;
    let score = 0;
    for (let at = 0; at < item.cols; at++) score += (factors[at] ?? 0) * (item.values[row * item.cols + at] ?? 0);
    scored.push({ row, score });
  }
  scored.sort((a, b) => b.score - a.score || a.row - b.row);
  return scored.slice(0, top).map(({ row, score }) => ({ item: model.itemIds[row] ?? String(row), score }));
}

/** Decimals to show: four, or as many as leave four digits of the largest score (a model of little training scores by millionths). */
export function scoreDecimals(items: readonly ScoredItem[]): number {
  const largest = Math.max(0, ...items.map(({ score }) => Math.abs(score)));
  return largest > 0 ? Math.min(20, Math.max(4, 3 - Math.floor(Math.log10(largest)))) : 4;
}
