import type { Kernels, Parameter, ParameterSpec, Tf } from "@kdp/plugin-api";
import type { Tensor2D } from "@tensorflow/tfjs-core";
import type { Workspace } from "./workspace.js";

/** Sizes of the network that writes each entity's own map from the student's to the teacher's space. */
export interface HypernetShape {
  /** Prefix of its parameters. */
  readonly name: string;
  /** dS */
  readonly student: number;
  /** dT */
  readonly teacher: number;
  readonly hidden: number;
}

export function hypernetParameters({ name, student, teacher, hidden }: HypernetShape): readonly ParameterSpec[] {
  const layer = (index: 1 | 2, fanIn: number, cols: number): ParameterSpec[] => [
    {
      name: `${name}/w${index}`,
      rows: fanIn,
      cols,
      init: { kind: "kaiming-uniform", a: Math.sqrt(5), fanIn },
    },
    { name: `${name}/b${index}`, rows: 1, cols, init: { kind: "uniform", bound: 1 / Math.sqrt(fanIn) } },
  ];
  return [...layer(1, teacher, hidden), ...layer(2, hidden, teacher * student)];
}

function layers<T>({ name }: HypernetShape, state: Readonly<Record<string, T>>) {
  const take = (part: string): T => {
    const found = state[`${name}/${part}`];
    if (found === undefined) throw new Error(`no parameter ${name}/${part}`);
    return found;
  };
  return { w1: take("w1"), b1: take("b1"), w2: take("w2"), b2: take("b2") };
}

/**
 * W_e s_e with W_e = reshape(relu(v_e W1 + b1) W2 + b2, dT × dS).
 * @param student `[n, dS]`
 * @param guide v `[n, dT]`
 * @returns `[n, dT]`
 */
export function personalMap(
  tf: Tf,
  shape: HypernetShape,
  state: Readonly<Record<string, Tensor2D>>,
  student: Tensor2D,
  guide: Tensor2D,
): Tensor2D {
  const { w1, b1, w2, b2 } = layers(shape, state);
  const n = student.shape[0];
  const units = tf.relu(tf.add(tf.matMul(guide, w1), b1)) as Tensor2D;
  const maps = tf.reshape(tf.add(tf.matMul(units, w2), b2), [n, shape.teacher, shape.student]);
  return tf.sum(tf.mul(maps, tf.reshape(student, [n, 1, shape.student])), 2);
}

export interface PersonalPass {
  readonly n: number;
  /** `[n, dS]` */
  readonly student: Float32Array;
  /** v `[n, dT]` */
  readonly guide: Float32Array;
}

/** The same by matrix products: {@link FusedHypernet.forward}, then `backward` for the same rows. */
export interface FusedHypernet {
  /** Writes W_e s_e, `[n, dT]`. */
  forward(pass: PersonalPass, out: Float32Array): void;
  /** Adds the gradients of the network, and writes that of the student's rows. */
  backward(pass: PersonalPass, dOut: Float32Array, dStudent: Float32Array): void;
}

export function fusedHypernet(
  kernels: Kernels,
  workspace: Workspace,
  shape: HypernetShape,
  state: Readonly<Record<string, Parameter>>,
): FusedHypernet {
  const { student: dS, teacher: dT, hidden } = shape;
  const { w1, b1, w2, b2 } = layers(shape, state);
  const size = dT * dS;
  const f32 = (name: string, length: number) => workspace.f32(`${shape.name}/${name}`, length);

  return {
    forward({ n, student, guide }, out) {
      const units = f32("units", n * hidden);
      const maps = f32("maps", n * size);
      kernels.gemm({ m: n, n: hidden, k: dT, a: guide, b: w1.value, c: units, beta: 0 });
      kernels.addBias(units, b1.value, n, hidden, "relu");
      kernels.gemm({ m: n, n: size, k: hidden, a: units, b: w2.value, c: maps, beta: 0 });
      kernels.addBias(maps, b2.value, n, size, "none");
      for (let row = 0, cell = 0; row < n * dT; row++) {
        const s = Math.floor(row / dT) * dS;
        let sum = 0;
        for (let c = 0; c < dS; c++) sum += maps[cell++]! * student[s + c]!;
        out[row] = sum;
      }
    },

    backward({ n, student, guide }, dOut, dStudent) {
      const units = f32("units", n * hidden);
      // The gradient of each map takes the map's place once its last use, for the student's row, is over.
      const maps = f32("maps", n * size);
      dStudent.fill(0, 0, n * dS);
      for (let row = 0, cell = 0; row < n * dT; row++) {
        const s = Math.floor(row / dT) * dS;
        const slope = dOut[row]!;
        for (let c = 0; c < dS; c++, cell++) {
          dStudent[s + c] = dStudent[s + c]! + slope * maps[cell]!;
          maps[cell] = slope * student[s + c]!;
        }
      }
      kernels.addBiasGrad(maps, maps, n, size, "none", b2.grad);
      kernels.gemm({ m: hidden, n: size, k: n, a: units, transA: true, b: maps, c: w2.grad, beta: 1 });
      const dUnits = f32("dUnits", n * hidden);
      kernels.gemm({ m: n, n: hidden, k: size, a: maps, b: w2.value, transB: true, c: dUnits, beta: 0 });
      kernels.addBiasGrad(units, dUnits, n, hidden, "relu", b1.grad);
      kernels.gemm({ m: dT, n: hidden, k: n, a: guide, transA: true, b: dUnits, c: w1.grad, beta: 1 });
    },
  };
}
