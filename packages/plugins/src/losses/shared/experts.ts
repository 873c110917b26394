import type { ParameterSpec, Side, Tf } from "@kdp/plugin-api";
import type { Tensor2D } from "@tensorflow/tfjs-core";

/** Sizes of the experts of one side: M small networks from the student's space to the teacher's. */
export interface ExpertShape {
  readonly side: Side;
  readonly experts: number;
  /** dS, width of the student's rows. */
  readonly student: number;
  /** dT, width of the teacher's rows. */
  readonly teacher: number;
  /** Width of each expert's only hidden layer. */
  readonly hidden: number;
}

/** Hidden width of the papers' code: halfway between the spaces, half of it where they are equal. */
export const expertHidden = (student: number, teacher: number): number =>
  Math.max(1, Math.floor(student === teacher ? student / 2 : (student + teacher) / 2));

/** Parameters of the experts and of the gate that chooses among several, initialised as PyTorch's linear layers. */
export function expertParameters(shape: ExpertShape): readonly ParameterSpec[] {
  const { side, experts, student, teacher, hidden } = shape;
  const weights = (fanIn: number) => ({ kind: "kaiming-uniform", a: Math.sqrt(5), fanIn }) as const;
  const bias = (fanIn: number) => ({ kind: "uniform", bound: 1 / Math.sqrt(fanIn) }) as const;
  return [
    // Expert by expert, so that each one's matrices are contiguous: [dS, h] and [h, dT].
    { name: `${side}/expert/w1`, rows: experts * student, cols: hidden, init: weights(student) },
    { name: `${side}/expert/b1`, rows: experts, cols: hidden, init: bias(student) },
    { name: `${side}/expert/w2`, rows: experts * hidden, cols: teacher, init: weights(hidden) },
    { name: `${side}/expert/b2`, rows: experts, cols: teacher, init: bias(hidden) },
    ...(experts > 1
      ? [
          { name: `${side}/gate/w`, rows: teacher, cols: experts, init: weights(teacher) },
          { name: `${side}/gate/b`, rows: 1, cols: experts, init: bias(teacher) },
        ]
      : []),
  ];
}

/** The parameters of one side's experts, as tensors or as engine parameters. */
export interface ExpertState<T> {
  readonly w1: T;
  readonly b1: T;
  readonly w2: T;
  readonly b2: T;
  /** Null for a single expert, which needs no choice. */
  readonly gate: ExpertGate<T> | null;
}

export interface ExpertGate<T> {
  readonly w: T;
  readonly b: T;
}

export function expertState<T>(side: Side, state: Readonly<Record<string, T>>): ExpertState<T> {
  const take = (name: string): T => {
    const found = state[`${side}/${name}`];
    if (found === undefined) throw new Error(`no parameter ${side}/${name}`);
    return found;
  };
  return {
    w1: take("expert/w1"),
    b1: take("expert/b1"),
    w2: take("expert/w2"),
    b2: take("expert/b2"),
    gate: `${side}/gate/w` in state ? { w: take("gate/w"), b: take("gate/b") } : null,
  };
}

/** Added to a gate's probabilities before their logarithm, as the papers' code does. */
export const GATE_FLOOR = 1e-10;

/**
 * Gumbel-softmax gate over the teacher's rows (DE-RRD, Kang et al., CIKM 2020): p = softmax(t W + b), z = softmax((log(p + 1e-10) + g) / τ).
 * The soft z is used as it is, without straight-through.
 * @param teacher `[n, dT]`
 * @param noise `[n, M]` Gumbel numbers
 * @returns z `[n, M]`; all 1 for a single expert, as in the papers' code
 */
export function softGate(
  tf: Tf,
  teacher: Tensor2D,
  noise: Tensor2D,
  tau: number,
  state: ExpertState<Tensor2D>,
): Tensor2D {
  if (!state.gate) return tf.ones([teacher.shape[0], 1]);
  const p = tf.softmax(tf.add(tf.matMul(teacher, state.gate.w), state.gate.b)) as Tensor2D;
  // tf.softmax subtracts the row's maximum, so that τ = 1e-10 gives a one-hot row instead of an overflow.
  return tf.softmax(tf.div(tf.add(tf.log(tf.add(p, GATE_FLOOR)), noise), tau)) as Tensor2D;
}

/**
 * Mixture of experts, Σ_m z_em f_m(s_e) with f_m(s) = relu(s W1_m + b1_m) W2_m + b2_m (DE-RRD, Kang et al., CIKM 2020).
 * Gating the hidden units first makes the second layers of all experts one matrix product.
 * @param student `[n, dS]`
 * @param z `[n, M]`
 * @returns `[n, dT]`
 */
export function mixExperts(
  tf: Tf,
  student: Tensor2D,
  z: Tensor2D,
  state: ExpertState<Tensor2D>,
  shape: ExpertShape,
): Tensor2D {
  const { experts, hidden, student: width } = shape;
  const n = student.shape[0];
  const side = tf.transpose(tf.reshape(state.w1, [experts, width, hidden]), [1, 0, 2]);
  const first = tf.reshape(side, [width, experts * hidden]) as Tensor2D;
  const units = tf.relu(tf.add(tf.matMul(student, first), tf.reshape(state.b1, [1, experts * hidden])));
  const gated = tf.mul(tf.reshape(units, [n, experts, hidden]), tf.reshape(z, [n, experts, 1]));
  return tf.add(tf.matMul(tf.reshape(gated, [n, experts * hidden]) as Tensor2D, state.w2), tf.matMul(z, state.b2));
}
