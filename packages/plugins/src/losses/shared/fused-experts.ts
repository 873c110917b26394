import type { ExpertsOptions, GumbelOptions, Kernels, Parameter } from "@kdp/plugin-api";
import { type ExpertShape, type ExpertState, GATE_FLOOR } from "./experts.js";
import type { Workspace } from "./workspace.js";

/**
 * A gate below this times τ is left out: its share of the output is under 1e-7 τ, and what it would add to the gradient of
 * the gate (z / τ) under 1e-7.
 */
const NEGLIGIBLE = 1e-7;

/** One pass of a side's experts over the rows of a step: {@link forward}, then {@link backward} with the same rows. */
export interface FusedExperts {
  /** Writes Σ_m z_em f_m(s_e), `[n, dT]`. */
  forward(pass: ExpertPass, out: Float32Array): void;
  /** Adds the gradients of experts and gate, and writes that of the student's rows. `dOut` `[n, dT]` holds the weight. */
  backward(pass: ExpertPass, dOut: Float32Array, dStudent: Float32Array): void;
}

export interface ExpertPass {
  readonly n: number;
  /** `[n, dS]` */
  readonly student: Float32Array;
  /** `[n, dT]`, the gate's input. */
  readonly teacher: Float32Array;
  /** `[n, M]` Gumbel numbers. */
  readonly noise: Float32Array;
  readonly tau: number;
}

/**
 * The experts as matrix products on the rows that need them: the gate is nearly one-hot once τ is small, and each expert runs
 * on the rows that it has a share of: at τ = 1 all, at τ = .01 one in thirty. A single expert has no gate (z = 1).
 */
export function fusedExperts(
  kernels: Kernels,
  workspace: Workspace,
  { side, experts, student: dS, teacher: dT, hidden }: ExpertShape,
  state: ExpertState<Parameter>,
): FusedExperts {
  const f32 = (name: string, length: number) => workspace.f32(`${side}/experts/${name}`, length);
  const { w1, b1, w2, b2, gate } = state;

  const gateOf = ({ n, noise, tau }: ExpertPass): GumbelOptions => ({
    logits: f32("logits", n * experts),
    noise,
    n,
    cols: experts,
    tau,
    floor: GATE_FLOOR,
    least: NEGLIGIBLE * Math.min(tau, 1),
  });
  const optionsOf = ({ n, student }: ExpertPass): ExpertsOptions => ({
    n,
    experts,
    input: student,
    inCols: dS,
    hidden,
    outCols: dT,
    z: f32("z", n * experts),
    w1: w1.value,
    b1: b1.value,
    w2: w2.value,
    b2: b2.value,
  });

  return {
    forward(pass, out) {
      const { n, teacher } = pass;
      const options = optionsOf(pass);
      if (gate) {
        const choice = gateOf(pass);
        kernels.gemm({ m: n, n: experts, k: dT, a: teacher, b: gate.w.value, c: choice.logits, beta: 0 });
        kernels.addBias(choice.logits, gate.b.value, n, experts, "none");
        kernels.gumbelSoftmax(choice, options.z);
      } else options.z.fill(1);
      kernels.mixExperts(options, out);
    },

    backward(pass, dOut, dStudent) {
      const { n, teacher } = pass;
      const options = optionsOf(pass);
      const dz = f32("dz", n * experts);
      kernels.mixExpertsGrad(options, dOut, {
        input: dStudent,
        z: dz,
        w1: w1.grad,
        b1: b1.grad,
        w2: w2.grad,
        b2: b2.grad,
      });
      if (!gate) return;
      const choice = gateOf(pass);
      kernels.gumbelSoftmaxGrad(choice, options.z, dz, dz);
      kernels.addBiasGrad(choice.logits, dz, n, experts, "none", gate.b.grad);
      kernels.gemm({ m: dT, n: experts, k: n, a: teacher, transA: true, b: dz, c: gate.w.grad, beta: 1 });
    },
  };
}
