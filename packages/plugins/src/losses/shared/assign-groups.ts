import type { Kernels, Parameter, Tf } from "@kdp/plugin-api";
import type { Tensor2D } from "@tensorflow/tfjs-core";
import { constantOf } from "./constant.js";
import type { ExpertGate } from "./experts.js";
import type { Workspace } from "./workspace.js";

/**
 * The group of each entity is the expert that its gate likes best, k(e) = argmax_m (t_e W + b)_m, without noise and without
 * gradient (HTD, Kang et al., KDD 2021). Ties go to the first.
 * @param teacher `[n, dT]`
 * @returns one-hot rows `[n, groups]`
 */
export function groupTensor(tf: Tf, teacher: Tensor2D, gate: ExpertGate<Tensor2D>, groups: number): Tensor2D {
  const logits = tf.add(tf.matMul(teacher, gate.w), gate.b) as Tensor2D;
  return constantOf(tf, logits, (x) => tf.cast(tf.oneHot(tf.argMax(x, 1), groups), "float32") as Tensor2D);
}

/** The same by kernels: writes `first + k(e)` to `out` `[n]`. */
export function assignGroups(
  kernels: Kernels,
  workspace: Workspace,
  options: {
    readonly teacher: Float32Array;
    readonly n: number;
    readonly dT: number;
    readonly gate: ExpertGate<Parameter>;
    readonly groups: number;
    /** Number of the side's first group. */
    readonly first: number;
    readonly out: Int32Array;
  },
): void {
  const { teacher, n, dT, gate, groups, first, out } = options;
  const logits = workspace.f32("groups/logits", n * groups);
  kernels.gemm({ m: n, n: groups, k: dT, a: teacher, b: gate.w.value, c: logits, beta: 0 });
  const bias = gate.b.value;
  for (let e = 0; e < n; e++) {
    let best = 0;
    let most = Number.NEGATIVE_INFINITY;
    for (let m = 0; m < groups; m++) {
      const logit = logits[e * groups + m]! + bias[m]!;
      if (logit > most) {
        most = logit;
        best = m;
      }
    }
    out[e] = first + best;
  }
}
