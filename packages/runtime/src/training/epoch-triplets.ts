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
  /** The triplets of a step, valid until the next call. */
  window(step: number): Window;
}

export function createTriplets(options: TripletOptions): Triplets {
  const { train, kernels, streams, negatives: count, batch } = options;
  const positives = positivesOf(train);
  const units = unitsOf(positives, options.batches, train.items);
  const total = positives.users.length * count;
  const drawn = new Int32Array(total);
  const order = new Int32Array(units.count);
  const bounds = new Int32Array(Math.ceil(units.count / batch) + 1);
  const largestStep = count * units.largest(batch);
  const lists = (n: number): Lists => ({ users: kernels.i32(n), items: kernels.i32(n), negatives: kernels.i32(n) });
  const source = { positives, drawn, count, units, order };
  const ofStep = lists(largestStep);
  /** Of a whole epoch, for a loss that replaces its negatives. */
  let ofEpoch: Lists | null = null;
  let laidOut: Lists | null = null;
  let current = 0;

  return {
    positives: positives.users.length,
    saturatedUsers: positives.saturatedUsers,
    steps: bounds.length - 1,
    largestStep,
    startEpoch(epoch, drawNegatives) {
      current = epoch;
      // The order starts from the identity each time, so that an epoch does not depend on where training resumed.
      for (let i = 0; i < order.length; i++) order[i] = i;
      streams.stream("shuffle", epoch).shuffle(order);
      sampleNegatives(positives, train.items, count, streams.stream("negatives", epoch), drawn);
      measure(source, batch, bounds);
      laidOut = null;
      if (!drawNegatives) return;
      ofEpoch ??= lists(total);
      lay(source, 0, order.length, ofEpoch);
      drawNegatives(ofEpoch.users, ofEpoch.negatives);
      laidOut = ofEpoch;
    },
    window(step) {
      const [from, to] = [bounds[step] as number, bounds[step + 1] as number];
      const window = (of: Lists, start: number, end: number): Window => ({
        epoch: current,
        step,
        users: of.users.subarray(start, end),
        positives: of.items.subarray(start, end),
        negatives: of.negatives.subarray(start, end),
      });
      if (laidOut) return window(laidOut, from, to);
      lay(source, step * batch, Math.min(order.length, (step + 1) * batch), ofStep);
      return window(ofStep, 0, to - from);
    },
  };
}

/** Aligned triplets, in kernel memory. */
interface Lists {
  readonly users: Int32Array;
  readonly items: Int32Array;
  readonly negatives: Int32Array;
}

/** What the triplets of an epoch are made of. */
interface Source {
  readonly positives: Positives;
  /** `[positives, count]` */
  readonly drawn: Int32Array;
  readonly count: number;
  readonly units: Units;
  readonly order: Int32Array;
}

/** Where each step begins among the triplets of the epoch. */
function measure({ units, order, count }: Source, batch: number, bounds: Int32Array): void {
  let at = 0;
  for (let i = 0; i < order.length; i++) {
    if (i % batch === 0) bounds[i / batch] = at;
    const unit = order[i] as number;
    at += count * (units.start(unit + 1) - units.start(unit));
  }
  bounds[bounds.length - 1] = at;
}

/** Writes the triplets of a stretch of the epoch's order. A step at a time: all of them would be 12 bytes an interaction. */
function lay({ positives, drawn, count, units, order }: Source, from: number, end: number, to: Lists): void {
  let at = 0;
  for (let i = from; i < end; i++) {
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
}
