import type { RandomStream } from "@kdp/plugin-api";

const HALF_STEP = 2 ** -33;

/** Fills `out[0 .. n)` with standard Gumbel numbers, -log(-log U). U stays inside (0, 1), so every number is finite. */
export function fillGumbel(stream: RandomStream, out: Float32Array, n: number): void {
  for (let i = 0; i < n; i++) out[i] = -Math.log(-Math.log(stream.uniform() + HALF_STEP));
}
