import type { Kernels, ScoreList, Scorer } from "@kdp/plugin-api";

/** Rows whose scores of everything are held at a time when a model has no factors. */
const BLOCK_USERS = 64;

/** Writes the scores `[rows, k]` of listed pairs; a negative id is padding and scores -Infinity. */
export type ListScores = (list: ScoreList, out: Float32Array) => void;

/** Scores of listed pairs under any scorer. The lists may lie in any memory. */
export function listScores(scorer: Scorer, kernels: Kernels, items: number): ListScores {
  return scorer.kind === "dot" ? dotLists(scorer, kernels) : blockLists(scorer, kernels, items);
}

const dotLists =
  ({ user, item, cols }: Scorer & { readonly kind: "dot" }, kernels: Kernels): ListScores =>
  (list, out) =>
    kernels.scope(() => {
      const { rows, k } = list;
      const [left, right] = list.side === "user" ? [user, item] : [item, user];
      const ids = kernels.i32From(list.ids.subarray(0, rows));
      const others = kernels.i32From(list.others.subarray(0, rows * k));
      const scores = kernels.f32(rows * k);
      kernels.dotLists(left, right, cols, ids, others, rows, k, scores);
      out.set(scores);
    });

function blockLists(scorer: Scorer & { readonly kind: "block" }, kernels: Kernels, items: number): ListScores {
  return (list, out) => {
    const places = placesByUser(list);
    const users = Int32Array.from(places.keys());
    out.fill(Number.NEGATIVE_INFINITY, 0, list.rows * list.k);
    kernels.scope(() => {
      const block = kernels.f32(Math.min(BLOCK_USERS, users.length) * items);
      for (let from = 0; from < users.length; from += BLOCK_USERS) {
        const some = users.subarray(from, from + BLOCK_USERS);
        scorer.scoreUsers(kernels.i32From(some), some.length, block);
        some.forEach((user, r) => {
          for (const at of places.get(user) ?? []) {
            const row = Math.floor(at / list.k);
            const item = list.side === "user" ? (list.others[at] as number) : (list.ids[row] as number);
            out[at] = block[r * items + item] as number;
          }
        });
      }
    });
  };
}

/** For each user that a list needs scores of, where they go. */
function placesByUser(list: ScoreList): Map<number, number[]> {
  const places = new Map<number, number[]>();
  for (let at = 0; at < list.rows * list.k; at++) {
    const other = list.others[at] as number;
    if (other < 0) continue;
    const user = list.side === "user" ? (list.ids[Math.floor(at / list.k)] as number) : other;
    const own = places.get(user);
    if (own) own.push(at);
    else places.set(user, [at]);
  }
  return places;
}
