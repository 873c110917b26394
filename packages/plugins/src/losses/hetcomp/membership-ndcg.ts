/** Gain of the student's position t: 2^(e^(-t/10)) - 1. */
const gain = (t: number): number => 2 ** Math.exp(-t / 10) - 1;

/** Distances are kept as whole ten-thousandths: the released code rounds to four digits. */
export const DISTANCE_UNIT = 1e-4;

/**
 * How far a student's list is from a snapshot's (HetComp, WWW 2023; released code): 1 - NDCG, where the gain follows the
 * student's position and only membership in the snapshot's list counts.
 *
 * NDCG = Σ_t 1[student_t in list] g_t / log2(t + 2) / Σ_t g_t / log2(t + 2), rounded to four digits
 */
export interface ListDistance {
  /**
   * @param student the first `depth` items of the student's ranking, -1 past its end
   * @param list the snapshot's, likewise
   * @returns whole ten-thousandths
   */
  between(student: Int32Array, list: Int32Array): number;
}

/** @param depth positions compared, 50 in the paper */
export function listDistance(depth: number, items: number): ListDistance {
  const share = Float64Array.from({ length: depth }, (_, t) => gain(t) / Math.log2(t + 2));
  const whole = share.reduce((a, b) => a + b, 0);
  const stamp = new Int32Array(items);
  let turn = 0;
  return {
    between(student, list) {
      turn++;
      for (let r = 0; r < Math.min(depth, list.length); r++) if (list[r]! >= 0) stamp[list[r]!] = turn;
      let found = 0;
      for (let t = 0; t < Math.min(depth, student.length); t++) {
        if (student[t]! >= 0 && stamp[student[t]!] === turn) found += share[t]!;
      }
      return Math.round((1 - found / whole) / DISTANCE_UNIT);
    },
  };
}
