import type { Kernels, Parameter, ParameterSpec, Tf } from "@kdp/plugin-api";
import type { Tensor2D } from "@tensorflow/tfjs-core";
import { type ExpertShape, expertHidden, expertParameters, expertState, mixExperts } from "./experts.js";
import { fusedExperts } from "./fused-experts.js";
import type { LatentSide } from "./latent-sides.js";
import type { Workspace } from "./workspace.js";

/** A trainable map from the student's space to the teacher's, dS → dT, in both forms. */
export interface Projector {
  readonly parameters: readonly ParameterSpec[];
  /** `[n, dS]` to `[n, dT]` */
  plain(tf: Tf, student: Tensor2D, state: Readonly<Record<string, Tensor2D>>): Tensor2D;
  fused(kernels: Kernels, workspace: Workspace, state: Readonly<Record<string, Parameter>>): FusedProjector;
}

export interface FusedProjector {
  forward(n: number, student: Float32Array, out: Float32Array): void;
  /** Adds the gradient of the parameters, and writes that of the student's rows. */
  backward(n: number, student: Float32Array, dOut: Float32Array, dStudent: Float32Array): void;
}

function required<T>(state: Readonly<Record<string, T>>, name: string): T {
  const found = state[name];
  if (found === undefined) throw new Error(`no parameter ${name}`);
  return found;
}

/** s W + b, initialised as PyTorch's linear layer. */
export function linearProjector({ side, student: dS, teacher: dT }: LatentSide, bias: boolean): Projector {
  const [W, B] = [`${side}/projector/w`, `${side}/projector/b`];
  return {
    parameters: [
      { name: W, rows: dS, cols: dT, init: { kind: "kaiming-uniform", a: Math.sqrt(5), fanIn: dS } },
      ...(bias ? [{ name: B, rows: 1, cols: dT, init: { kind: "uniform", bound: 1 / Math.sqrt(dS) } } as const] : []),
    ],
    plain(tf, student, state) {
      const product: Tensor2D = tf.matMul(student, required(state, W));
      return bias ? tf.add(product, required(state, B)) : product;
    },
    fused: (kernels, _workspace, state) => ({
      forward(n, student, out) {
        if (bias) for (let r = 0; r < n; r++) out.set(required(state, B).value, r * dT);
        kernels.gemm({ m: n, n: dT, k: dS, a: student, b: required(state, W).value, c: out, beta: bias ? 1 : 0 });
      },
      backward(n, student, dOut, dStudent) {
        const w = required(state, W);
        kernels.gemm({ m: dS, n: dT, k: n, a: student, transA: true, b: dOut, c: w.grad, beta: 1 });
        kernels.gemm({ m: n, n: dS, k: dT, a: dOut, b: w.value, transB: true, c: dStudent, beta: 0 });
        if (!bias) return;
        const { grad } = required(state, B);
        for (let at = 0; at < n * dT; at++) grad[at % dT] = grad[at % dT]! + dOut[at]!;
      },
    }),
  };
}

const NOTHING = new Float32Array(0);

/** One hidden layer with ReLU: a DE expert without company. */
export function mlpProjector({ side, student, teacher }: LatentSide, hidden: number | null): Projector {
  const shape: ExpertShape = {
    side,
    experts: 1,
    student,
    teacher,
    hidden: hidden ?? expertHidden(student, teacher),
  };
  const pass = (n: number, rows: Float32Array) => ({ n, student: rows, teacher: NOTHING, noise: NOTHING, tau: 1 });
  return {
    parameters: expertParameters(shape),
    plain: (tf, rows, state) => mixExperts(tf, rows, tf.ones([rows.shape[0], 1]), expertState(side, state), shape),
    fused(kernels, workspace, state) {
      const experts = fusedExperts(kernels, workspace, shape, expertState(side, state));
      return {
        forward: (n, rows, out) => experts.forward(pass(n, rows), out),
        backward: (n, rows, dOut, dRows) => experts.backward(pass(n, rows), dOut, dRows),
      };
    },
  };
}
