/**
 * Groups of items of about equal total popularity, most popular first (UnKD, Chen et al., WSDM 2023): items by train count, descending, cut
 * greedily so that each group's counts sum to about total / `count`. The item that would overflow starts the next group; a
 * last group of less than half the average joins the one before.
 * @param counts train interactions of each item
 */
export function popularityGroups(counts: Int32Array, count: number): readonly Int32Array[] {
  const order = Int32Array.from(counts.keys()).sort((a, b) => counts[b]! - counts[a]! || a - b);
  const target = counts.reduce((a, b) => a + b, 0) / count;
  const groups: number[][] = [[]];
  const sums = [0];
  for (const item of order) {
    const last = groups.length - 1;
    const popularity = counts[item]!;
    if (groups.length < count && groups[last]!.length > 0 && sums[last]! + popularity > target) {
      groups.push([item]);
      sums.push(popularity);
    } else {
      groups[last]!.push(item);
      sums[last] = sums[last]! + popularity;
    }
  }
  const tail = groups.at(-1);
  if (groups.length > 1 && tail && sums.at(-1)! < target / 2) {
    groups.pop();
    groups.at(-1)?.push(...tail);
  }
  return groups.map((group) => Int32Array.from(group));
}
