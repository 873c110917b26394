import type { BatchKind, Interactions, Kernels, Streams } from "@kdp/plugin-api";
import { type Positives, positivesOf, sampleNegatives } from "./negative-sampling.js";
import type { Window } from "./step-batch.js";
import { type Units, unitsOf } from "./units.js";

export interface TripletOptions {
  readonly train: Interactions;
  readonly batches: BatchKind;
  /** Positives of a step; users or items of a step for batches of whole rows. */
  readonly batch: number;
  readonly negatives: number;
  readonly streams: Streams;
  readonly kernels: Kernels;
}

/** May replace the negatives of an epoch, which come as uniformly drawn. */
export type DrawNegatives = (users: Int32Array, negatives: Int32Array) => void;

/** The triplets of one training, redrawn and reshuffled each epoch. */
export interface Triplets {
  /** Positives that take part. */
  readonly positives: number;
  /** Users left out because they interacted with every item. */
  readonly saturatedUsers: number;
  readonly steps: number;
  /** Most triplets that a step can hold. */
  readonly largestStep: number;
  /** Redraws everything. The result depends on seed and epoch alone, not on the epochs before. */
  startEpoch(epoch: number, drawNegatives: DrawNegatives | null): void;
  window(step: number): Window;
}

export function createTriplets(options: TripletOptions): Triplets {
  const { train, kernels, streams, negatives: count, batch } = options;
  const positives = positivesOf(train);
  const units = unitsOf(positives, options.batches, train.items);
  const total = positives.users.length * count;
  const users = kernels.i32(total);
  const items = kernels.i32(total);
  const negatives = kernels.i32(total);
  const drawn = new Int32Array(total);
  const order = new Int32Array(units.count);
  const bounds = new Int32Array(Math.ceil(units.count / batch) + 1);
  let current = 0;

  return {
    positives: positives.users.length,
    saturatedUsers: positives.saturatedUsers,
    steps: bounds.length - 1,
    largestStep: count * units.largest(batch),
    startEpoch(epoch, drawNegatives) {
      current = epoch;
      // The order starts from the identity each time, so that an epoch does not depend on where training resumed.
      for (let i = 0; i < order.length; i++) order[i] = i;
      streams.stream("shuffle", epoch).shuffle(order);
      sampleNegatives(positives, train.items, count, streams.stream("negatives", epoch), drawn);
      lay({ positives, drawn, count, units, order, batch }, { users, items, negatives, bounds });
      drawNegatives?.(users, negatives);
    },
    window(step) {
      const [from, to] = [bounds[step] as number, bounds[step + 1] as number];
      return {
        epoch: current,
        step,
        users: users.subarray(from, to),
        positives: items.subarray(from, to),
        negatives: negatives.subarray(from, to),
      };
    },
  };
}

/** Writes the triplets in the order of the epoch, and where each step begins. */
function lay(
  from: {
    readonly positives: Positives;
    /** `[positives, count]` */
    readonly drawn: Int32Array;
    readonly count: number;
    readonly units: Units;
    readonly order: Int32Array;
    readonly batch: number;
  },
  to: {
    readonly users: Int32Array;
    readonly items: Int32Array;
    readonly negatives: Int32Array;
    readonly bounds: Int32Array;
  },
): void {
  const { positives, drawn, count, units, order, batch } = from;
  let at = 0;
  for (let i = 0; i < order.length; i++) {
    if (i % batch === 0) to.bounds[i / batch] = at;
    const unit = order[i] as number;
    for (let member = units.start(unit); member < units.start(unit + 1); member++) {
      const positive = units.positive(member);
      for (let n = positive * count; n < (positive + 1) * count; n++, at++) {
        to.users[at] = positives.users[positive] as number;
        to.items[at] = positives.items[positive] as number;
        to.negatives[at] = drawn[n] as number;
      }
    }
  }
  to.bounds[to.bounds.length - 1] = at;
}
