import type { Batch } from "../batch.js";
import type { Kernels } from "../kernels.js";

/**
 * A batch as the engine gives it: arrays in kernel memory, distinct entities worked out when first asked for. They are
 * getters, so a loss that copies a batch by spreading it loses them here as it would in the engine.
 */
export class KernelBatch implements Batch {
  readonly epoch: number;
  readonly step: number;
  readonly size: number;
  readonly users: Int32Array;
  readonly positives: Int32Array;
  readonly negatives: Int32Array;
  readonly #kernels: Kernels;
  readonly #unique = new Map<string, Int32Array>();

  constructor(kernels: Kernels, { epoch, step, size, users, positives, negatives }: Batch) {
    this.#kernels = kernels;
    this.epoch = epoch;
    this.step = step;
    this.size = size;
    this.users = kernels.i32From(users);
    this.positives = kernels.i32From(positives);
    this.negatives = kernels.i32From(negatives);
  }

  get uniqueUsers(): Int32Array {
    return this.#distinct("users", this.users);
  }
  get uniquePositives(): Int32Array {
    return this.#distinct("positives", this.positives);
  }
  get uniqueNegatives(): Int32Array {
    return this.#distinct("negatives", this.negatives);
  }
  get uniqueItems(): Int32Array {
    return this.#distinct("items", [...this.positives, ...this.negatives]);
  }

  /** Gives the memory back. */
  free(): void {
    for (const view of [this.users, this.positives, this.negatives, ...this.#unique.values()]) this.#kernels.free(view);
    this.#unique.clear();
  }

  #distinct(name: string, ids: Iterable<number>): Int32Array {
    const found = this.#unique.get(name) ?? this.#kernels.i32From(Int32Array.from(new Set(ids)).sort());
    this.#unique.set(name, found);
    return found;
  }
}
