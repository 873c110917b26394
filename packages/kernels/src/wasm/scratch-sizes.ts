// Room for temporaries, in bytes; mirrors the sizes of blocks in `assembly/`.

const NUMBER = 4;
const CHUNK = 2048;
const BLOCK = 512;
const TILE = 64;

const roundUp = (value: number, multiple: number): number => Math.ceil(value / multiple) * multiple;

/** `assembly/gemm.ts`: a border tile, a block of A, a block of B. */
export function gemmScratch(m: number, n: number, k: number): number {
  const depth = Math.min(256, k);
  const height = Math.min(128, roundUp(m, 4));
  const width = Math.min(2048, roundUp(n, 8));
  return 128 + NUMBER * depth * (height + width);
}

/** Enough for any product. */
const ANY_GEMM = gemmScratch(128, 2048, 256);

/** Of a helper thread: its chunks of kernels need no more. */
export const HELPER_SCRATCH = ANY_GEMM;

/** `assembly/ranking.ts`, rankCounts: cursors, scores of a tile, packed items, four gathered rows, packed users. */
export const rankingScratch = (users: number, cols: number): number =>
  NUMBER * (CHUNK + TILE * BLOCK + cols * (BLOCK + 4 + Math.min(CHUNK, roundUp(users, 4))));

/** Bytes of candidates that topK holds at a time. */
const CANDIDATES = 2 ** 24;

/** How topK divides its work: candidates per list, and users at a time. */
export interface TopKPlan {
  readonly capacity: number;
  readonly chunk: number;
  readonly scratch: number;
}

/** `assembly/ranking.ts`, topK: as for rankCounts, and a state and a list of candidates for each user of a chunk. */
export function topKPlan(users: number, items: number, cols: number, k: number): TopKPlan {
  const capacity = listCapacity(items, k);
  const fitting = TILE * Math.floor(CANDIDATES / (2 * NUMBER * capacity * TILE));
  const chunk = Math.max(TILE, Math.min(CHUNK, roundUp(users, TILE), fitting));
  const lists = NUMBER * chunk * (3 + 2 * capacity);
  return { capacity, chunk, scratch: lists + NUMBER * (TILE * BLOCK + cols * (BLOCK + 4 + chunk)) };
}

/** Room beside the k best: the more, the fewer selections. A list never holds more than all items. */
export const listCapacity = (items: number, k: number): number => Math.max(k, Math.min(items, 2 * k + 32)) + 1;

/** `assembly/plackett-luce.ts`: sums (or their logarithms in float64) of a row. */
export const plackettLuceScratch = (k: number): number => 8 * k + 16;

/** `assembly/gram.ts`: panels of both operands in float64. */
export const gramScratch = (aCols: number, bCols: number): number => 8 * 128 * (roundUp(aCols, 4) + roundUp(bCols, 4));

/** `assembly/topology.ts`: cosines of a strip, or the Grams of a collapsed block. */
export function cosineBlocksScratch(largest: number, teacherCols: number, studentCols: number): number {
  const widest = Math.max(teacherCols, studentCols);
  const pairs = 2 * NUMBER * TILE * largest + ANY_GEMM;
  const grams = NUMBER * studentCols * (studentCols + teacherCols) + ANY_GEMM;
  const value = 8 + 8 * widest * widest + gramScratch(widest, widest);
  return Math.max(pairs, grams, value);
}

export const cosineCrossScratch = (anchors: number): number => 2 * NUMBER * TILE * anchors + ANY_GEMM;

/** Bytes that gradients of all experts together may wait in until they are added up. */
const WAITING = 2 ** 24;

export interface ExpertsPlan {
  /** Rows of all experts together that may wait; 0: nothing is shared. */
  readonly rowRoom: number;
  readonly scratch: number;
}

/**
 * `assembly/experts.ts`: rows, inputs, units and outputs of one expert; the gradient has inputs and units twice.
 * `assembly/shared-experts.ts`: as much for each thread, lists of rows, and what waits: outputs of twice the rows, or gradients
 * of the inputs.
 */
export function expertsPlan(
  { n, experts, inCols, hidden, outCols }: Readonly<Record<"n" | "experts" | "inCols" | "hidden" | "outCols", number>>,
  threads: number,
): ExpertsPlan {
  const each = n * (1 + 2 * inCols + 2 * hidden + outCols);
  if (threads === 1) return { rowRoom: 0, scratch: ANY_GEMM + NUMBER * each };
  const rowRoom = Math.max(2 * n, Math.min(n * experts, Math.floor(WAITING / (NUMBER * (1 + inCols)))));
  const waiting = Math.max(rowRoom * inCols, 2 * n * outCols);
  return { rowRoom, scratch: ANY_GEMM + NUMBER * (threads * each + experts + 1 + rowRoom + waiting) };
}

/** Bytes of exponentials that are kept from the forward pass to the backward one. */
const KEPT = 2 ** 20;

/** How `assembly/log-sum-exp.ts` divides its work: users at a time, and bytes of its state. */
export interface RestPlan {
  readonly users: number;
  readonly room: number;
}

/** Items and their gradient, sums, means and factors of some users, four rows twice, where these are, exponentials. */
export function restPlan(n: number, items: number, cols: number): RestPlan {
  const panels = roundUp(items, 8);
  const fitting = 4 * Math.floor(KEPT / (4 * NUMBER * Math.max(1, panels)));
  const users = Math.max(4, Math.min(fitting, roundUp(n, 4)));
  return { users, room: 8 * users + NUMBER * (8 + cols * (2 * panels + 2 * users + 8) + panels * users) };
}

/** `assembly/philox.ts`: four blocks. */
export const WORDS_SCRATCH = 64;

/** `assembly/samplers.ts`, sampleByRank: words, the state of a list, its candidates, k scores. */
export const rankSampleScratch = (capacity: number, k: number): number =>
  WORDS_SCRATCH + 8 + NUMBER * (2 * capacity + k);
