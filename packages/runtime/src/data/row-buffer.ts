/** Rows of a block: what grows by blocks never copies what it holds, and never has room for twice as much. */
const BLOCK_ROWS = 1 << 18;

type Numbers = Int32Array | Float32Array | BigInt64Array;

/** A column in blocks. */
class BlockColumn<A extends Numbers> {
  /** The last block. */
  block: A;
  readonly #kind: { new (length: number): A };
  #blocks: A[] = [];

  constructor(kind: { new (length: number): A }) {
    this.#kind = kind;
    this.block = this.begin();
  }

  begin(): A {
    this.block = new this.#kind(BLOCK_ROWS);
    this.#blocks.push(this.block);
    return this.block;
  }

  /** Moves the first `n` values into one array; the blocks are let go. */
  moveOut(n: number): A {
    const out = new this.#kind(n);
    this.#blocks.forEach((block, b) => {
      const from = b * BLOCK_ROWS;
      out.set(block.subarray(0, Math.min(BLOCK_ROWS, n - from)) as never, from);
    });
    this.#blocks = [];
    this.block = new this.#kind(0);
    return out;
  }
}

/** Rows of interactions as they are read; columns that the source has not stay null. */
export class RowBuffer {
  readonly #user = new BlockColumn(Int32Array);
  readonly #item = new BlockColumn(Int32Array);
  readonly #rating: BlockColumn<Float32Array> | null;
  readonly #timestamp: BlockColumn<BigInt64Array> | null;
  /** Rows of the last block. */
  #filled = 0;
  #length = 0;

  constructor(columns: { readonly rating: boolean; readonly timestamp: boolean }) {
    this.#rating = columns.rating ? new BlockColumn(Float32Array) : null;
    this.#timestamp = columns.timestamp ? new BlockColumn(BigInt64Array) : null;
  }

  get length(): number {
    return this.#length;
  }

  /** `rating` and `timestamp` are ignored where the buffer has no such column. */
  add(user: number, item: number, rating: number, timestamp: bigint): void {
    if (this.#filled === BLOCK_ROWS) this.#begin();
    const at = this.#filled++;
    this.#user.block[at] = user;
    this.#item.block[at] = item;
    if (this.#rating) this.#rating.block[at] = rating;
    if (this.#timestamp) this.#timestamp.block[at] = timestamp;
    this.#length++;
  }

  /** Moves the columns out, one after the other: never are all rows there twice. May be called once. */
  columns(): {
    readonly user: Int32Array;
    readonly item: Int32Array;
    readonly rating: Float32Array | null;
    readonly timestamp: BigInt64Array | null;
  } {
    const n = this.#length;
    return {
      user: this.#user.moveOut(n),
      item: this.#item.moveOut(n),
      rating: this.#rating?.moveOut(n) ?? null,
      timestamp: this.#timestamp?.moveOut(n) ?? null,
    };
  }

  #begin(): void {
    this.#user.begin();
    this.#item.begin();
    this.#rating?.begin();
    this.#timestamp?.begin();
    this.#filled = 0;
  }
}
