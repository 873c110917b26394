import { type AdamFactors, adamFactors } from "../adam-factors.js";
import type { RawPart } from "../raw-kernels.js";

type OptimiserKernels = RawPart<"adam" | "lazyAdam" | "adagrad" | "sgd">;

// As in the compiled kernels, which must stay clear of denormals (`assembly/optimisers.ts`).
const TINY = 1e-30;
const SHIFT = 1e-16;

function adamSpan(
  { w, grad, m, v }: Readonly<Record<"w" | "grad" | "m" | "v", Float32Array>>,
  from: number,
  to: number,
  f: AdamFactors,
  how: { readonly decoupled: boolean; readonly snap: boolean },
): void {
  for (let i = from; i < to; i++) {
    const g = how.decoupled ? grad[i]! : grad[i]! + f.decay * w[i]!;
    const first = f.beta1 * m[i]! + f.alpha1 * g;
    m[i] = how.snap && Math.abs(first) < TINY ? 0 : first;
    v[i] = f.beta2 * v[i]! + f.alpha2 * (g + SHIFT) ** 2;
    const step = (f.rate * m[i]!) / (Math.sqrt(f.correction * v[i]!) + f.eps);
    w[i] = (how.decoupled ? f.decay * w[i]! : w[i]!) - step;
    grad[i] = 0;
  }
}

export const plainOptimisers: OptimiserKernels = {
  adam(w, grad, m, v, n, options) {
    const factors = adamFactors(options);
    adamSpan({ w, grad, m, v }, 0, n, factors, { decoupled: options.decoupled, snap: factors.snap });
  },
  lazyAdam(w, grad, m, v, cols, rows, n, options) {
    const factors = adamFactors(options);
    const how = { decoupled: options.decoupled, snap: true };
    for (let r = 0; r < n; r++) adamSpan({ w, grad, m, v }, rows[r]! * cols, (rows[r]! + 1) * cols, factors, how);
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
