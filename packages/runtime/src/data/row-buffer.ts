import { grown } from "./byte-vocabulary.js";

/** Rows of interactions as they are read; columns that the source has not stay null. */
export class RowBuffer {
  #user = new Int32Array(1 << 12);
  #item = new Int32Array(1 << 12);
  #rating: Float32Array | null;
  #timestamp: BigInt64Array | null;
  #length = 0;

  constructor(columns: { readonly rating: boolean; readonly timestamp: boolean }) {
    this.#rating = columns.rating ? new Float32Array(1 << 12) : null;
    this.#timestamp = columns.timestamp ? new BigInt64Array(1 << 12) : null;
  }

  get length(): number {
    return this.#length;
  }

  /** `rating` and `timestamp` are ignored where the buffer has no such column. */
  add(user: number, item: number, rating: number, timestamp: bigint): void {
    const at = this.#length;
    if (at === this.#user.length) this.#grow();
    this.#user[at] = user;
    this.#item[at] = item;
    if (this.#rating) this.#rating[at] = rating;
    if (this.#timestamp) this.#timestamp[at] = timestamp;
    this.#length = at + 1;
  }

  columns(): {
    readonly user: Int32Array;
    readonly item: Int32Array;
    readonly rating: Float32Array | null;
    readonly timestamp: BigInt64Array | null;
  } {
    const n = this.#length;
    return {
      user: this.#user.slice(0, n),
      item: this.#item.slice(0, n),
      rating: this.#rating?.slice(0, n) ?? null,
      timestamp: this.#timestamp?.slice(0, n) ?? null,
    };
  }

  #grow(): void {
    const length = this.#length * 2;
    this.#user = grown(this.#user, length, Int32Array);
    this.#item = grown(this.#item, length, Int32Array);
    if (this.#rating) this.#rating = grown(this.#rating, length, Float32Array);
    if (this.#timestamp) {
      const longer = new BigInt64Array(length);
      longer.set(this.#timestamp);
      this.#timestamp = longer;
    }
  }
}
