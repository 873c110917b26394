import type { DeviceKernels } from "@kdp/plugin-api/device";
import type { Part, Ranked } from "./block-pipeline.js";
import { dotInOrder } from "./dot-in-order.js";
import type { Range } from "./score-blocks.js";

/** Items near a target that a device lists; a target with more is counted by the CPU. */
const ROOM = 62;
/** Targets of a block: as many as that their lists are no larger than its scores. */
const MOST_TARGETS = 2 ** 18;

/** Held-out items: those of the r-th listed user are `items[offsets[r] .. offsets[r + 1])`. */
export interface RankedTargets {
  readonly offsets: Int32Array;
  readonly items: Int32Array;
}

/** Makes the CPU's counts of what a device counted. */
export interface TargetCounts {
  /** Parts of a range of users that have targets, and not too many. */
  divide(users: Range): Range[];
  start(
    tf: TfTensors,
    rankCounts: NonNullable<DeviceKernels["rankCounts"]>,
    block: Parameters<typeof rankCounts>[0],
    users: Range,
  ): ReturnType<typeof rankCounts>;
  /** @returns users of the range whose counts are not certain */
  finish(users: Range, parts: readonly Part[]): number[];
}

type TfTensors = Pick<import("@kdp/plugin-api").Tf, "tensor1d" | "dispose">;

/**
 * The device counts the items that score above a target by more than a score's error, and lists those that are nearer; the CPU
 * compares these with the target by scores of its own.
 * @param errorOf see `scoreErrors`
 */
export function targetCounts(
  { user, item, cols, userIds, offsets: excluded, itemIds }: Ranked,
  targets: RankedTargets,
  errorOf: (user: number) => number,
  above: Int32Array,
  ties: Int32Array,
): TargetCounts {
  const { offsets, items } = targets;
  const startOf = (row: number) => offsets[row] as number;
  const scoreOf = (owner: number, id: number) => dotInOrder(user, owner, item, id, cols);

  function isExcluded(owner: number, id: number): boolean {
    const own = itemIds.subarray(excluded[owner], excluded[owner + 1]);
    return own.includes(id);
  }

  /** False when what the device says does not decide. */
  function count(owner: number, q: number, first: number, parts: readonly Part[]): boolean {
    const target = items[q] as number;
    const own = scoreOf(owner, target);
    let seen = false;
    above[q] = 0;
    ties[q] = 0;
    for (const { items: range, data } of parts) {
      const found = data[0] as Int32Array;
      const at = (q - first) * (2 + ROOM);
      const unsure = found[at + 1] as number;
      if (unsure > ROOM) return false;
      above[q] = (above[q] as number) + (found[at] as number);
      for (let near = at + 2; near < at + 2 + unsure; near++) {
        const id = range.from + (found[near] as number);
        if (id === target) {
          seen = true;
          continue;
        }
        const score = scoreOf(owner, id);
        if (score > own) above[q] = (above[q] as number) + 1;
        else if (score === own) ties[q] = (ties[q] as number) + 1;
      }
    }
    // A target is near itself: a device that does not say so computes otherwise than it may.
    return seen || isExcluded(owner, target);
  }

  return {
    divide(users) {
      const parts: Range[] = [];
      let from = users.from;
      for (let row = users.from; row < users.to; row++) {
        if (row > from && startOf(row + 1) - startOf(from) > MOST_TARGETS) {
          parts.push({ from, to: row });
          from = row;
        }
      }
      return [...parts, { from, to: users.to }].filter((part) => startOf(part.to) > startOf(part.from));
    },

    start(tf, rankCounts, block, users) {
      const first = startOf(users.from);
      const n = startOf(users.to) - first;
      const rows = new Int32Array(n);
      const [low, high] = [new Float32Array(n), new Float32Array(n)];
      for (let row = users.from; row < users.to; row++) {
        const owner = userIds[row] as number;
        const error = errorOf(owner);
        for (let q = startOf(row); q < startOf(row + 1); q++) {
          const own = scoreOf(owner, items[q] as number);
          rows[q - first] = row - users.from;
          low[q - first] = -roundedUp(error - own);
          high[q - first] = roundedUp(own + error);
        }
      }
      const there = { rows: tf.tensor1d(rows, "int32"), low: tf.tensor1d(low), high: tf.tensor1d(high) };
      const found = rankCounts(block, there, ROOM);
      tf.dispose(there);
      return found;
    },

    finish(users, parts) {
      const first = startOf(users.from);
      const unsure: number[] = [];
      for (let row = users.from; row < users.to; row++) {
        let certain = true;
        for (let q = startOf(row); certain && q < startOf(row + 1); q++) {
          certain = count(userIds[row] as number, q, first, parts);
        }
        if (!certain) unsure.push(row);
      }
      return unsure;
    },
  };
}

/** A float32 that is not below `x`. */
const roundedUp = (x: number): number => Math.fround(x + Math.abs(x) * 2 ** -22);
