import type { RawPart } from "../raw-kernels.js";
import { type Guard, rowsOf } from "./guard.js";

type OptimiserKernels = RawPart<"adam" | "lazyAdam" | "adagrad" | "sgd">;

export function checkedOptimisers(guard: Guard, raw: OptimiserKernels): OptimiserKernels {
  const step = (kernel: string, value: number): void => {
    if (!Number.isInteger(value) || value < 1) {
      throw new RangeError(`${kernel}: step is ${value}; the first step is 1.`);
    }
  };
  const arrays = (kernel: string, n: number, views: Readonly<Record<string, Float32Array>>): void => {
    guard.count(kernel, "n", n);
    for (const name in views) guard.view(kernel, name, views[name] as Float32Array, n);
  };
  return {
    adam(w, grad, m, v, n, options) {
      step("adam", options.step);
      arrays("adam", n, { w, grad, m, v });
      raw.adam(w, grad, m, v, n, options);
    },
    lazyAdam(w, grad, m, v, cols, rows, n, options) {
      step("lazyAdam", options.step);
      guard.count("lazyAdam", "cols", cols);
      guard.count("lazyAdam", "n", n);
      arrays("lazyAdam", w.length, { w, grad, m, v });
      guard.ids("lazyAdam", "rows", rows, n, rowsOf(w, cols));
      raw.lazyAdam(w, grad, m, v, cols, rows, n, options);
    },
    adagrad(w, grad, sum, n, options) {
      arrays("adagrad", n, { w, grad, sum });
      raw.adagrad(w, grad, sum, n, options);
    },
    sgd(w, grad, n, options) {
      arrays("sgd", n, { w, grad });
      raw.sgd(w, grad, n, options);
    },
  };
}
