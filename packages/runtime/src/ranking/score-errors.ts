/** Half the distance between neighbouring float32 numbers, relative. */
const UNIT = 2 ** -24;
/** More than a device's flushing of numbers below 2^-126 can change in one operation. */
const TINY = 2 ** -120;
/** No sum of products comes near the end of float32 (3.4e38) while products of norms stay below. */
const LARGEST = 1e37;
/** The bound of a sum's error is linear in its length only while length times unit is small. */
const WIDEST = 65_536;

/**
 * For each user a bound of |device's score - CPU's score|, for any item. Null when there is none: a factor is NaN or infinite, a score
 * may overflow, or the rows are too wide.
 *
 * A product of d numbers summed in float32 in any order differs from the true one by at most γ Σ|x_c y_c| with γ = d u / (1 - d u)
 * (Higham, Accuracy and Stability of Numerical Algorithms, §3.1), and Σ|x_c y_c| ≤ |x| |y|. The CPU rounds to nearest, so its
 * u is 2^-24; WGSL lets a device round to either neighbour, so its u is twice that, and a few more additions (split sums) may follow.
 * Together (3 d + 8) 2^-24; 4 d + 16 leaves room for the denominators and for the rounding of the norms.
 */
export function scoreErrors(
  user: Float32Array,
  item: Float32Array,
  cols: number,
  items: number,
  userIds: Int32Array,
): ((user: number) => number) | null {
  if (cols > WIDEST) return null;
  let largestItem = 0;
  for (let row = 0; row < items; row++) largestItem = Math.max(largestItem, norm(item, row, cols));
  let largestUser = 0;
  for (const row of userIds) largestUser = Math.max(largestUser, norm(user, row, cols));
  // Not true of NaN either.
  if (!(largestUser * largestItem < LARGEST && largestUser + largestItem < LARGEST)) return null;
  return (row) => {
    const own = norm(user, row, cols);
    return (4 * cols + 16) * UNIT * own * largestItem + cols * TINY * (1 + own + largestItem);
  };
}

function norm(table: Float32Array, row: number, cols: number): number {
  let sum = 0;
  for (let at = row * cols; at < (row + 1) * cols; at++) sum += (table[at] as number) ** 2;
  return Math.sqrt(sum);
}
