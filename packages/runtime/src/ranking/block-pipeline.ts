import type { Interactions, Tf } from "@kdp/plugin-api";
import type { LoadedDevice, RankingBlock } from "@kdp/plugin-api/device";
import type { Tensor, Tensor2D } from "@tensorflow/tfjs-core";
import { checkDevice } from "../devices/check-device.js";
import { type Blocks, type Range, scoreBlocks } from "./score-blocks.js";

/** What is ranked: as in the CPU's kernels. */
export interface Ranked extends Pick<Interactions, "offsets" | "itemIds"> {
  readonly user: Float32Array;
  readonly item: Float32Array;
  readonly cols: number;
  readonly items: number;
  readonly userIds: Int32Array;
}

/** Of a ranking by blocks on a device. */
export interface BlockRun<R> {
  /** Largest number of bytes of a block's scores. */
  readonly blockBytes?: number;
  /** Divides a range of users further. */
  divide?(users: Range): readonly Range[];
  /** Orders the work on some users, for each range of items; the tensors are disposed of once they are read. */
  start(block: RankingBlock, users: Range, items: Range): readonly Tensor[];
  /** Takes what came back, in the order of the items' ranges, while the device works on the next users. */
  finish(users: Range, parts: readonly R[]): void;
}

/** What was read of a range of items. */
export interface Part {
  readonly items: Range;
  readonly data: readonly (Float32Array | Int32Array | Uint8Array)[];
}

/**
 * Goes through users and items block by block: the items' factors are on the device throughout, those of users and the excluded
 * pairs for the block only.
 * @throws RuntimeFault KDP8006, KDP8011 what the device reports
 */
export async function runBlocks(
  device: LoadedDevice,
  node: string,
  ranked: Ranked,
  run: BlockRun<Part>,
): Promise<void> {
  const { tf } = device;
  const { item, cols, items, userIds } = ranked;
  const largest = device.largestTensor ?? Number.POSITIVE_INFINITY;
  const blocks: Blocks = scoreBlocks(userIds.length, items, cols, largest, run.blockBytes);
  const parts = blocks.items.map((range) => ({ range, rows: rowsOf(tf, item, cols, range) }));
  const users = run.divide ? blocks.users.flatMap((range) => run.divide?.(range) ?? []) : blocks.users;
  const begin = (some: Range): Promise<Part[]> => {
    const owners = gathered(tf, ranked, some);
    const begun = parts.map(({ range, rows }) => {
      const excluded = tf.tensor1d(excludedPairs(ranked, some, range), "int32");
      const tensors = run.start({ users: owners, items: rows, excluded }, some, range);
      const data = Promise.all(tensors.map((tensor) => tensor.data()));
      excluded.dispose();
      return data.then((read) => ({ items: range, data: read })).finally(() => tf.dispose([...tensors]));
    });
    owners.dispose();
    return Promise.all(begun);
  };
  try {
    let last: { readonly users: Range; readonly parts: Promise<Part[]> } | null = null;
    for (const some of users) {
      const next = { users: some, parts: begin(some) };
      // Whoever waits hears of a failure; where an earlier block failed nobody does.
      next.parts.catch(() => {});
      if (last) run.finish(last.users, await checked(last.parts, device, node));
      last = next;
    }
    if (last) run.finish(last.users, await checked(last.parts, device, node));
  } finally {
    tf.dispose(parts.map(({ rows }) => rows));
  }
}

async function checked(parts: Promise<Part[]>, device: LoadedDevice, node: string): Promise<Part[]> {
  const read = await parts;
  checkDevice(device, node);
  return read;
}

/** Copies: what lies in shared memory cannot be sent to a GPU. */
const rowsOf = (tf: Tf, table: Float32Array, cols: number, { from, to }: Range): Tensor2D =>
  tf.tensor2d(Float32Array.from(table.subarray(from * cols, to * cols)), [to - from, cols]);

function gathered(tf: Tf, { user, cols, userIds }: Ranked, { from, to }: Range): Tensor2D {
  const rows = new Float32Array((to - from) * cols);
  for (let r = from; r < to; r++) {
    const at = (userIds[r] as number) * cols;
    rows.set(user.subarray(at, at + cols), (r - from) * cols);
  }
  return tf.tensor2d(rows, [to - from, cols]);
}

/** Places of the excluded pairs in the block's scores. */
function excludedPairs({ userIds, offsets, itemIds }: Ranked, users: Range, items: Range): Int32Array {
  const width = items.to - items.from;
  let pairs = 0;
  for (let r = users.from; r < users.to; r++) {
    pairs += (offsets[(userIds[r] as number) + 1] as number) - (offsets[userIds[r] as number] as number);
  }
  const places = new Int32Array(pairs);
  let n = 0;
  for (let r = users.from; r < users.to; r++) {
    const own = userIds[r] as number;
    for (let at = offsets[own] as number; at < (offsets[own + 1] as number); at++) {
      const item = itemIds[at] as number;
      if (item >= items.from && item < items.to) {
        places[n++] = (r - users.from) * width + item - items.from;
      }
    }
  }
  return places.subarray(0, n);
}
