import type { Batch, Kernels } from "@kdp/plugin-api";
import { IdSet } from "./id-set.js";

/** A window on the triplets of an epoch. */
export interface Window {
  readonly epoch: number;
  readonly step: number;
  readonly users: Int32Array;
  readonly positives: Int32Array;
  readonly negatives: Int32Array;
}

/**
 * The batch of the current step. One object serves all steps: it moves along the epoch's triplets, and collects the
 * distinct entities only when a loss or an optimiser asks for them.
 */
export class StepBatch implements Batch {
  epoch = 0;
  step = 0;
  size = 0;
  users: Int32Array;
  positives: Int32Array;
  negatives: Int32Array;
  readonly #userSet: IdSet;
  readonly #itemSet: IdSet;
  readonly #buffers: readonly Int32Array[];
  readonly #unique: (Int32Array | null)[] = [null, null, null, null];

  /** @param largest most triplets of a step */
  constructor(kernels: Kernels, universe: { readonly users: number; readonly items: number }, largest: number) {
    this.#userSet = new IdSet(universe.users);
    this.#itemSet = new IdSet(universe.items);
    const room = [universe.users, universe.items, universe.items, universe.items];
    this.#buffers = room.map((n, i) => kernels.i32(Math.min(n, i === 3 ? 2 * largest : largest)));
    this.users = this.positives = this.negatives = kernels.i32(0);
  }

  moveTo(window: Window): void {
    this.epoch = window.epoch;
    this.step = window.step;
    this.size = window.users.length;
    this.users = window.users;
    this.positives = window.positives;
    this.negatives = window.negatives;
    this.#unique.fill(null);
  }

  get uniqueUsers(): Int32Array {
    return this.#distinct(0, this.#userSet, [this.users]);
  }
  get uniquePositives(): Int32Array {
    return this.#distinct(1, this.#itemSet, [this.positives]);
  }
  get uniqueNegatives(): Int32Array {
    return this.#distinct(2, this.#itemSet, [this.negatives]);
  }
  get uniqueItems(): Int32Array {
    return this.#distinct(3, this.#itemSet, [this.positives, this.negatives]);
  }

  #distinct(slot: number, set: IdSet, lists: readonly Int32Array[]): Int32Array {
    const known = this.#unique[slot];
    if (known) return known;
    for (const list of lists) set.addAll(list);
    const buffer = this.#buffers[slot] as Int32Array;
    const found = buffer.subarray(0, set.drain(buffer));
    this.#unique[slot] = found;
    return found;
  }
}
