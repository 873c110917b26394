import type { Kernels, Parameter, ParameterSpec, Side } from "@kdp/plugin-api";
import { createWorkspace } from "../../losses/shared/workspace.js";

/**
 * A network that scores a pair of rows: logit = <v_mf, u_mf ∘ i_mf> + <v_tower, h_L> + b, where h_0 = [u_tower, i_tower] and
 * h_l = relu(W_l h_{l-1} + b_l). Rows hold the columns of the product first, then those of the tower.
 */
export interface PairShape {
  /** Columns whose elementwise product is read; 0 for a tower alone. */
  readonly product: number;
  /** Columns of each side that enter the tower. */
  readonly tower: number;
  /** Widths of the tower's layers. */
  readonly hidden: readonly number[];
}

/** A tower of halving layers: from 2d to d, then to d/2 … */
export const halving = (dim: number, layers: number): readonly number[] =>
  Array.from({ length: layers }, (_, l) => Math.max(1, Math.floor(dim / 2 ** l)));

export const rowWidth = ({ product, tower }: PairShape): number => product + tower;

/** Weights shared by all pairs, initialised as is usual: Xavier-uniform, biases 0. */
export function pairParameters(shape: PairShape): readonly ParameterSpec[] {
  const layers = shape.hidden.flatMap((out, l): ParameterSpec[] => {
    const into = l === 0 ? 2 * shape.tower : shape.hidden[l - 1]!;
    return [
      { name: `layer.${l}.weight`, rows: out, cols: into, init: { kind: "xavier-uniform", fanIn: into, fanOut: out } },
      { name: `layer.${l}.bias`, rows: 1, cols: out, init: { kind: "zeros" } },
    ];
  });
  const top = shape.product + shape.hidden.at(-1)!;
  return [
    ...layers,
    { name: "output.weight", rows: 1, cols: top, init: { kind: "xavier-uniform", fanIn: top, fanOut: 1 } },
    { name: "output.bias", rows: 1, cols: 1, init: { kind: "zeros" } },
  ];
}

/** Pairs computed at a time: bounds the memory of activations whatever the length of the lists. */
const CHUNK = 1 << 14;

/** Reads the logits of a stretch of pairs, `from` on, and returns their gradient, or null for none. */
export type VisitLogits = (logits: Float32Array, from: number) => Float32Array | null;

export interface PairNetwork {
  /** Computes the logits of aligned pairs, stretch by stretch, and sends the gradients that `visit` returns back. */
  run(users: Int32Array, items: Int32Array, visit: VisitLogits): void;
}

export function pairNetwork(
  kernels: Kernels,
  shape: PairShape,
  parameters: Readonly<Record<string, Parameter>>,
): PairNetwork {
  const { product, tower, hidden } = shape;
  const width = rowWidth(shape);
  const workspace = createWorkspace(kernels);
  const tables: Readonly<Record<Side, Parameter>> = { user: parameters.user!, item: parameters.item! };
  const layers = hidden.map((size, l) => ({
    size,
    into: l === 0 ? 2 * tower : hidden[l - 1]!,
    weight: parameters[`layer.${l}.weight`]!,
    bias: parameters[`layer.${l}.bias`]!,
  }));
  const output = { weight: parameters["output.weight"]!, bias: parameters["output.bias"]! };

  function forward(rows: Rows, n: number): { readonly units: readonly Float32Array[]; readonly logits: Float32Array } {
    const units = layers.map(({ size, into, weight, bias }, l) => {
      const out = workspace.f32(`units ${l}`, n * size);
      return { out, size, into, weight, bias };
    });
    units.forEach(({ out, size, into, weight, bias }, l) => {
      if (l === 0) {
        const [left, right] = [weight.value, weight.value.subarray(tower)];
        const common = { m: n, n: size, k: tower, lda: width, ldb: into, transB: true, c: out };
        kernels.gemm({ ...common, a: rows.user.subarray(product), b: left });
        kernels.gemm({ ...common, a: rows.item.subarray(product), b: right, beta: 1 });
      } else {
        kernels.gemm({ m: n, n: size, k: into, a: units[l - 1]!.out, b: weight.value, transB: true, c: out });
      }
      kernels.addBias(out, bias.value, n, size, "relu");
    });
    const top = units.at(-1)!;
    const logits = workspace.f32("logits", n);
    const v = output.weight.value;
    for (let p = 0; p < n; p++) {
      let logit = output.bias.value[0]!;
      for (let c = 0, at = p * width; c < product; c++, at++) logit += v[c]! * rows.user[at]! * rows.item[at]!;
      for (let c = 0, at = p * top.size; c < top.size; c++, at++) logit += v[product + c]! * top.out[at]!;
      logits[p] = logit;
    }
    return { units: units.map(({ out }) => out), logits };
  }

  function backward(rows: Rows, units: readonly Float32Array[], d: Float32Array, n: number): Rows {
    const dRows = { user: workspace.f32("d user", n * width), item: workspace.f32("d item", n * width) };
    const last = layers.length - 1;
    let dUnits = backOutput(rows, units[last]!, d, n, dRows);
    for (let l = last; l >= 0; l--) {
      const { size, into, weight, bias } = layers[l]!;
      kernels.addBiasGrad(units[l]!, dUnits, n, size, "relu", bias.grad);
      if (l > 0) {
        kernels.gemm({ m: size, n: into, k: n, a: dUnits, transA: true, b: units[l - 1]!, c: weight.grad, beta: 1 });
        const below = workspace.f32(`d units ${l - 1}`, n * into);
        kernels.gemm({ m: n, n: into, k: size, a: dUnits, b: weight.value, c: below });
        dUnits = below;
        continue;
      }
      for (const [side, at] of [
        ["user", 0],
        ["item", tower],
      ] as const) {
        const into1 = { m: size, n: tower, k: n, a: dUnits, transA: true, ldb: width, ldc: into, beta: 1 };
        kernels.gemm({ ...into1, b: rows[side].subarray(product), c: weight.grad.subarray(at) });
        const out = { m: n, n: tower, k: size, a: dUnits, ldb: into, ldc: width };
        kernels.gemm({ ...out, b: weight.value.subarray(at), c: dRows[side].subarray(product) });
      }
    }
    return dRows;
  }

  /** Gradients of the output layer and of the product; returns those of the top layer's units. */
  function backOutput(rows: Rows, top: Float32Array, d: Float32Array, n: number, dRows: Rows): Float32Array {
    const size = layers.at(-1)!.size;
    const dTop = workspace.f32(`d units ${layers.length - 1}`, n * size);
    const [v, dv] = [output.weight.value, output.weight.grad];
    for (let p = 0; p < n; p++) {
      const g = d[p]!;
      output.bias.grad[0]! += g;
      for (let c = 0, at = p * width; c < product; c++, at++) {
        const [u, i] = [rows.user[at]!, rows.item[at]!];
        dv[c]! += g * u * i;
        dRows.user[at] = g * v[c]! * i;
        dRows.item[at] = g * v[c]! * u;
      }
      for (let c = 0, at = p * size; c < size; c++, at++) {
        dv[product + c]! += g * top[at]!;
        dTop[at] = g * v[product + c]!;
      }
    }
    return dTop;
  }

  return {
    run(users, items, visit) {
      for (let from = 0; from < users.length; from += CHUNK) {
        const n = Math.min(CHUNK, users.length - from);
        const ids = { user: users.subarray(from, from + n), item: items.subarray(from, from + n) };
        const rows = { user: workspace.f32("user", n * width), item: workspace.f32("item", n * width) };
        for (const side of ["user", "item"] as const)
          kernels.gatherRows(tables[side].value, width, ids[side], n, rows[side]);
        const { units, logits } = forward(rows, n);
        const d = visit(logits, from);
        if (!d) continue;
        const dRows = backward(rows, units, d, n);
        for (const side of ["user", "item"] as const) {
          kernels.scatterAddRows(tables[side].grad, width, ids[side], n, dRows[side], 1);
        }
      }
    },
  };
}

type Rows = Readonly<Record<Side, Float32Array>>;
