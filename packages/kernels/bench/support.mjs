// Shared by the benchmarks of this package: run after a build, on an idle machine. Nothing here is part of the tests.
import { createKernels } from "../dist/index.js";

export const kernels = await createKernels();

/**
 * Best wall time and mean CPU time of a call, in milliseconds. Many short windows, so that one of them is undisturbed on a
 * machine that others use, too.
 */
export function measure(body, { warm = 3, windows = 30 } = {}) {
  for (let i = 0; i < warm; i++) body();
  const first = performance.now();
  body();
  const calls = Math.max(1, Math.round(4 / (performance.now() - first)));
  const cpu = process.cpuUsage();
  const start = performance.now();
  let [best, done] = [Number.POSITIVE_INFINITY, 0];
  for (let w = 0; w < windows && (w < 3 || performance.now() - start < 3000); w++) {
    const from = performance.now();
    for (let i = 0; i < calls; i++) body();
    best = Math.min(best, (performance.now() - from) / calls);
    done += calls;
  }
  const { user, system } = process.cpuUsage(cpu);
  return { best, cpu: (user + system) / 1000 / done };
}

export const print = (line) => process.stdout.write(`${line}\n`);

let state = 1;
export function uniform() {
  state = (state + 0x6d2b79f5) | 0;
  let t = Math.imul(state ^ (state >>> 15), 1 | state);
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
  return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
}
export const random = (length, scale = 0.1) =>
  kernels.f32From(Float32Array.from({ length }, () => (uniform() - 0.5) * scale));
export const randomIds = (length, bound) =>
  kernels.i32From(Int32Array.from({ length }, () => Math.floor(uniform() * bound)));
/** Ids with a popularity like that of real items. */
export const skewedIds = (length, bound) =>
  kernels.i32From(Int32Array.from({ length }, () => Math.floor(uniform() ** 2 * bound)));
