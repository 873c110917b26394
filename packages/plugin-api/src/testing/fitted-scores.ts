import type { Kernels } from "../kernels.js";
import type { Scorer } from "../model.js";

/**
 * The scores of all pairs that a scorer gives, `[users, items]`, asked for inside a kernel scope as rankings do.
 * @returns a copy in ordinary memory
 */
export function allScoresOf(kernels: Kernels, scorer: Scorer, users: number, items: number): Float32Array {
  return kernels.scope(() => {
    const out = kernels.f32(users * items);
    if (scorer.kind === "dot") {
      const { user, item, cols } = scorer;
      const [a, b] = [kernels.f32From(user), kernels.f32From(item)];
      kernels.gemm({ m: users, n: items, k: cols, a, b, transB: true, c: out, beta: 0 });
    } else {
      scorer.scoreUsers(kernels.i32From(Int32Array.from({ length: users }, (_, u) => u)), users, out);
    }
    return Float32Array.from(out);
  });
}
