import { rankCounts as countSome, topK as topSome } from "./ranking";
import { TILE } from "./score-blocks";
import { at, idAt } from "./simd";
import { fork, HELPER_SCRATCH, sharers, TASK } from "./team";

// Rankings of users, shared by ranges of them. Each range packs all items again, so ranges are not short.

/** Users of a range at least. */
const LEAST: i32 = 128;
/** Scores of a range take this much, whatever is ranked. */
const SCORES: usize = 64 * 512 * 4;

// @ts-ignore: decorator
@inline
function rangeOf(n: i32, threads: i32): i32 {
  const even = (n + 2 * threads - 1) / (2 * threads);
  return max(LEAST, (even + TILE - 1) & ~(TILE - 1));
}

export function rankCounts(
  user: usize, item: usize, cols: i32, items: i32, userIds: usize, targetOffsets: usize, targets: usize, n: i32,
  excludeOffsets: usize, excludeItems: usize, above: usize, ties: usize, targetScores: usize, scratch: usize,
): void {
  const work = <f64>n * <f64>items * <f64>(cols + 10);
  const threads = n <= LEAST ? 1 : sharers(work);
  const range = rangeOf(n, threads);
  const room = SCORES + (<usize>(range + cols * (512 + 4 + range)) << 2);
  if (threads == 1 || room > HELPER_SCRATCH) {
    countSome(
      user, item, cols, items, userIds, targetOffsets, targets, n, excludeOffsets, excludeItems, above, ties, targetScores,
      scratch,
    );
    return;
  }
  store<i32>(TASK, n, 0);
  store<i32>(TASK, range, 4);
  store<usize>(TASK, user, 8);
  store<usize>(TASK, item, 12);
  store<i32>(TASK, cols, 16);
  store<i32>(TASK, items, 20);
  store<usize>(TASK, userIds, 24);
  store<usize>(TASK, targetOffsets, 28);
  store<usize>(TASK, targets, 32);
  store<usize>(TASK, excludeOffsets, 36);
  store<usize>(TASK, excludeItems, 40);
  store<usize>(TASK, above, 44);
  store<usize>(TASK, ties, 48);
  store<usize>(TASK, targetScores, 52);
  fork(countRange.index, (n + range - 1) / range, scratch, work, threads);
}

function countRange(chunk: i32, self: i32, scratch: usize): void {
  const range = load<i32>(TASK, 4);
  const first = chunk * range;
  const all = load<usize>(TASK, 28);
  const offsets = at(all, first);
  // The scores of a range's targets stand behind those of the ranges before it.
  const scores = at(load<usize>(TASK, 52), idAt(offsets, 0) - idAt(all, 0));
  countSome(
    load<usize>(TASK, 8), load<usize>(TASK, 12), load<i32>(TASK, 16), load<i32>(TASK, 20), at(load<usize>(TASK, 24), first),
    offsets, load<usize>(TASK, 32), min(range, load<i32>(TASK, 0) - first), load<usize>(TASK, 36), load<usize>(TASK, 40),
    load<usize>(TASK, 44), load<usize>(TASK, 48), scores, scratch,
  );
}

export function topK(
  user: usize, item: usize, cols: i32, items: i32, userIds: usize, n: i32, excludeOffsets: usize, excludeItems: usize,
  k: i32, outItems: usize, outScores: usize, chunk: i32, capacity: i32, scratch: usize,
): void {
  const work = <f64>n * <f64>items * <f64>(cols + 20);
  const threads = n <= LEAST ? 1 : sharers(work);
  const range = rangeOf(n, threads);
  // Lists of a user: a state, a cursor, candidates with scores; and its packed row.
  const shared = SCORES + (<usize>cols * (512 + 4) << 2);
  const each = <usize>(4 + 2 * capacity + cols) << 2;
  const fitting = shared < HELPER_SCRATCH ? (<i32>((HELPER_SCRATCH - shared) / each) & ~(TILE - 1)) : 0;
  if (threads == 1 || fitting == 0) {
    topSome(user, item, cols, items, userIds, n, excludeOffsets, excludeItems, k, outItems, outScores, chunk, capacity, scratch);
    return;
  }
  store<i32>(TASK, n, 0);
  store<i32>(TASK, range, 4);
  store<usize>(TASK, user, 8);
  store<usize>(TASK, item, 12);
  store<i32>(TASK, cols, 16);
  store<i32>(TASK, items, 20);
  store<usize>(TASK, userIds, 24);
  store<usize>(TASK, excludeOffsets, 28);
  store<usize>(TASK, excludeItems, 32);
  store<i32>(TASK, k, 36);
  store<usize>(TASK, outItems, 40);
  store<usize>(TASK, outScores, 44);
  store<i32>(TASK, min(min(chunk, range), fitting), 48);
  store<i32>(TASK, capacity, 52);
  fork(topRange.index, (n + range - 1) / range, scratch, work, threads);
}

function topRange(chunk: i32, self: i32, scratch: usize): void {
  const range = load<i32>(TASK, 4);
  const first = chunk * range;
  const k = load<i32>(TASK, 36);
  topSome(
    load<usize>(TASK, 8), load<usize>(TASK, 12), load<i32>(TASK, 16), load<i32>(TASK, 20), at(load<usize>(TASK, 24), first),
    min(range, load<i32>(TASK, 0) - first), load<usize>(TASK, 28), load<usize>(TASK, 32), k, at(load<usize>(TASK, 40), first * k),
    at(load<usize>(TASK, 44), first * k), load<i32>(TASK, 48), load<i32>(TASK, 52), scratch,
  );
}
