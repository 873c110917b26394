// Room for temporaries; mirrors the block sizes in `assembly/`.

const NUMBER = 4;

/** `assembly/gemm.ts`: a border tile, a block of A, a block of B. */
export function gemmScratchBytes(m: number, n: number, k: number): number {
  const depth = Math.min(256, k);
  const height = Math.min(128, roundUp(m, 4));
  const width = Math.min(2048, roundUp(n, 8));
  return 128 + NUMBER * depth * (height + width);
}

/** `assembly/ranking.ts`: cursors, scores of a tile, packed items, four gathered rows, packed users. */
export function rankingScratchBytes(users: number, cols: number): number {
  const chunk = 2048;
  const block = 512;
  const tile = 64;
  return NUMBER * (chunk + tile * block + cols * (block + 4 + Math.min(chunk, roundUp(users, 4))));
}

/** `assembly/plackett-luce.ts`: sums (or their logarithms in float64) of a row. */
export const plackettLuceScratchBytes = (k: number): number => 8 * k + 16;

export const roundUp = (value: number, multiple: number): number => Math.ceil(value / multiple) * multiple;
