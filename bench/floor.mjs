// What this machine can do at best, measured by the bench itself with kdp's kernels: arithmetic by a packed GEMM, bandwidth by
// a copy and by a sweep of dense Adam over a working set of the step's size, whichever moves more bytes.
import { stopwatch } from "./harness.mjs";

const ENOUGH_SECONDS = 0.15;
const TRIES = 3;

/** CPU-seconds of one call, the best of a few tries: a floor is what can be reached, not what is usual. */
function bestOf(body) {
  body();
  let best = Number.POSITIVE_INFINITY;
  for (let attempt = 0; attempt < TRIES; attempt++) {
    const watch = stopwatch();
    let calls = 0;
    let used = 0;
    while (used < ENOUGH_SECONDS) {
      body();
      calls++;
      used = watch().cpu;
    }
    best = Math.min(best, used / calls);
  }
  return best;
}

/** @returns flop per CPU-second of one thread */
function peakArithmetic(kernels) {
  const [m, n, k] = [1024, 512, 256];
  return kernels.scope(() => {
    const a = kernels.f32From(Float32Array.from({ length: m * k }, (_, i) => Math.sin(i)));
    const b = kernels.f32From(Float32Array.from({ length: k * n }, (_, i) => Math.cos(i)));
    const c = kernels.f32(m * n);
    return (2 * m * n * k) / bestOf(() => kernels.gemm({ m, n, k, a, b, c }));
  });
}

/** Bytes that dense Adam reads and writes for a number: weight, gradient and both moments, each twice. */
export const ADAM_BYTES = 32;
const ADAM = { learningRate: 1e-3, weightDecay: 1e-3, eps: 1e-8, beta1: 0.9, beta2: 0.999, decoupled: false };

/** @returns bytes per CPU-second of one thread over a working set of so many bytes */
function bandwidth(kernels, bytes) {
  return kernels.scope(() => {
    const half = kernels.f32(Math.ceil(bytes / 8));
    const other = kernels.f32(half.length).fill(1);
    const copy = (8 * half.length) / bestOf(() => half.set(other));
    const n = Math.ceil(bytes / 16);
    return Math.max(copy, (ADAM_BYTES * n) / adamSweep(kernels, n));
  });
}

/** @returns CPU-seconds of a step of dense Adam over so many numbers */
export function adamSweep(kernels, n) {
  return kernels.scope(() => {
    const [w, grad, m, v] = [1, 2, 3, 4].map(() => kernels.f32(n).fill(0.01));
    let step = 0;
    return bestOf(() => kernels.adam(w, grad, m, v, n, { ...ADAM, step: ++step }));
  });
}

/** @returns seconds that phases need at least; each measured figure is taken once */
export function createFloor(kernels) {
  let peak = null;
  const bandwidths = new Map();
  const peakOf = () => (peak ??= peakArithmetic(kernels));
  const bandwidthOf = (bytes) => {
    // Powers of two: a step of 19 MB and one of 21 MB meet the same caches.
    const size = 2 ** Math.round(Math.log2(Math.max(bytes, 1 << 16)));
    if (!bandwidths.has(size)) bandwidths.set(size, bandwidth(kernels, size));
    return bandwidths.get(size);
  };
  return {
    peakOf,
    bandwidthOf,
    /**
     * A step is the sum of its phases, each the slower of its arithmetic and its traffic.
     * @param phases `{ flop, bytes }`
     * @param workingSet bytes that a step touches
     */
    seconds: (phases, workingSet) =>
      phases.reduce((sum, { flop, bytes }) => sum + Math.max(flop / peakOf(), bytes / bandwidthOf(workingSet)), 0),
    measured: () => ({
      gflops: peakOf() / 1e9,
      gigabytes: Object.fromEntries([...bandwidths].map(([size, rate]) => [size, rate / 1e9])),
    }),
  };
}
