import { type AdamFactors, adamFactors } from "../adam-factors.js";
import type { RawPart } from "../raw-kernels.js";

type OptimiserKernels = RawPart<"adam" | "lazyAdam" | "adagrad" | "sgd">;

// As in the compiled kernels: below these a moment is 0 (denormals are slow and move no weight).
const TINY_FIRST = 1e-30;
const TINY_SECOND = 1e-36;
/** The square of a smaller gradient counts as 0. */
const TINY_GRADIENT = 1e-17;

function adamSpan(
  w: Float32Array,
  grad: Float32Array,
  m: Float32Array,
  v: Float32Array,
  from: number,
  to: number,
  f: AdamFactors,
): void {
  for (let i = from; i < to; i++) {
    const g = grad[i]! + f.decay * w[i]!;
    const first = f.beta1 * m[i]! + f.alpha1 * g;
    const seen = Math.abs(g) < TINY_GRADIENT ? 0 : g;
    const second = f.beta2 * v[i]! + f.alpha2 * seen * seen;
    m[i] = Math.abs(first) < TINY_FIRST ? 0 : first;
    v[i] = second < TINY_SECOND ? 0 : second;
    w[i] = f.keep * w[i]! - (f.rate * m[i]!) / (Math.sqrt(f.correction * v[i]!) + f.eps);
    grad[i] = 0;
  }
}

export const plainOptimisers: OptimiserKernels = {
  adam: (w, grad, m, v, n, options) => adamSpan(w, grad, m, v, 0, n, adamFactors(options)),
  lazyAdam(w, grad, m, v, cols, rows, n, options) {
    const factors = adamFactors(options);
    for (let r = 0; r < n; r++) adamSpan(w, grad, m, v, rows[r]! * cols, (rows[r]! + 1) * cols, factors);
  },
  adagrad(w, grad, sum, n, { learningRate, eps, weightDecay }) {
    for (let i = 0; i < n; i++) {
      const g = grad[i]! + weightDecay * w[i]!;
      sum[i]! += g * g;
      w[i]! -= (learningRate * g) / (Math.sqrt(sum[i]!) + eps);
      grad[i] = 0;
    }
  },
  sgd(w, grad, n, { learningRate, weightDecay }) {
    for (let i = 0; i < n; i++) {
      w[i]! -= learningRate * (grad[i]! + weightDecay * w[i]!);
      grad[i] = 0;
    }
  },
};
