import type { Kernels, Parameter } from "@kdp/plugin-api";
import { type ExpertGate, type ExpertShape, type ExpertState, GATE_FLOOR } from "./experts.js";
import type { Workspace } from "./workspace.js";

/**
 * A gate below this times τ is left out: its share of the output is under 1e-7 τ, and what it would add to the gradient of
 * the gate (z / τ) under 1e-7.
 */
const NEGLIGIBLE = 1e-7;

/** One pass of a side's experts over the rows of a step: {@link forward}, then {@link backward} with the same rows. */
export interface FusedExperts {
  /**
   * Writes Σ_m z_em f_m(s_e), `[n, dT]`.
   * @param student `[n, dS]`
   * @param teacher `[n, dT]`, the gate's input
   * @param noise `[n, M]` Gumbel numbers
   */
  forward(pass: ExpertPass, out: Float32Array): void;
  /** Adds the gradients of experts and gate, and writes that of the student's rows. `dOut` `[n, dT]` holds the weight. */
  backward(pass: ExpertPass, dOut: Float32Array, dStudent: Float32Array): void;
}

export interface ExpertPass {
  readonly n: number;
  readonly student: Float32Array;
  readonly teacher: Float32Array;
  readonly noise: Float32Array;
  readonly tau: number;
}

/**
 * The experts as matrix products on the rows that need them. The gate is nearly one-hot once τ is small, so rows are sorted
 * by expert and each expert runs on the rows that it has a share of: at τ = 1 all, at τ = .01 one in thirty. A single expert
 * has no gate (z = 1), as in the papers' code.
 */
export function fusedExperts(
  kernels: Kernels,
  workspace: Workspace,
  shape: ExpertShape,
  state: ExpertState<Parameter>,
): FusedExperts {
  const { side, experts: M, student: dS, teacher: dT, hidden } = shape;
  const f32 = (name: string, length: number) => workspace.f32(`${side}/experts/${name}`, length);
  const i32 = (name: string, length: number) => workspace.i32(`${side}/experts/${name}`, length);

  function gate({ n, teacher, noise, tau }: ExpertPass): void {
    const z = f32("z", n * M);
    if (!state.gate) {
      z.fill(1);
      return;
    }
    const p = f32("p", n * M);
    kernels.gemm({ m: n, n: M, k: dT, a: teacher, b: state.gate.w.value, c: p, beta: 0 });
    const bias = state.gate.b.value;
    for (let row = 0; row < n * M; row += M) {
      for (let m = 0; m < M; m++) p[row + m] = p[row + m]! + bias[m]!;
      softmaxRow(p, row, M, p);
      for (let m = 0; m < M; m++) z[row + m] = (Math.log(p[row + m]! + GATE_FLOOR) + noise[row + m]!) / tau;
      softmaxRow(z, row, M, z);
      const least = NEGLIGIBLE * Math.min(tau, 1);
      for (let m = 0; m < M; m++) if (z[row + m]! < least) z[row + m] = 0;
    }
  }

  /** Rows of each expert, expert by expert: those of `m` are `rows[starts[m] .. starts[m + 1])`. */
  function dispatch(n: number): { readonly starts: Int32Array; readonly rows: Int32Array } {
    const z = f32("z", n * M);
    const starts = i32("starts", M + 1).fill(0);
    for (let at = 0; at < n * M; at++) if (z[at]! > 0) starts[(at % M) + 1]!++;
    for (let m = 0; m < M; m++) starts[m + 1] = starts[m + 1]! + starts[m]!;
    const rows = i32("rows", starts[M]!);
    const next = starts.slice(0, M);
    for (let row = 0; row < n; row++) {
      for (let m = 0; m < M; m++) if (z[row * M + m]! > 0) rows[next[m]!++] = row;
    }
    return { starts, rows };
  }

  /** Each expert with the views of its parameters and of its rows. */
  function* active(n: number, { starts, rows }: ReturnType<typeof dispatch>) {
    const z = f32("z", n * M);
    const total = starts[M]!;
    const units = f32("units", total * hidden);
    const inputs = f32("inputs", total * dS);
    const slice = (table: Float32Array, length: number, m: number) => table.subarray(m * length, (m + 1) * length);
    for (let m = 0; m < M; m++) {
      const [from, to] = [starts[m]!, starts[m + 1]!];
      if (from === to) continue;
      const ids = rows.subarray(from, to);
      const share = f32("share", to - from);
      ids.forEach((row, r) => {
        share[r] = z[row * M + m]!;
      });
      const of = (part: "value" | "grad") => ({
        w1: slice(state.w1[part], dS * hidden, m),
        b1: slice(state.b1[part], hidden, m),
        w2: slice(state.w2[part], hidden * dT, m),
      });
      yield {
        m,
        count: to - from,
        ids,
        share,
        value: of("value"),
        grad: of("grad"),
        /** Hidden units after the ReLU, before the gate `[count, h]`. */
        units: units.subarray(from * hidden, to * hidden),
        /** The student's rows `[count, dS]`. */
        inputs: inputs.subarray(from * dS, to * dS),
        gated: f32("gated", (to - from) * hidden),
        /** Room for rows in the teacher's space. */
        outputs: f32("outputs", (to - from) * dT),
      };
    }
  }

  let plan: ReturnType<typeof dispatch> | null = null;

  return {
    forward(pass, out) {
      const { n, student } = pass;
      gate(pass);
      plan = dispatch(n);
      kernels.gemm({ m: n, n: dT, k: M, a: f32("z", n * M), b: state.b2.value, c: out, beta: 0 });
      for (const e of active(n, plan)) {
        kernels.gatherRows(student, dS, e.ids, e.count, e.inputs);
        kernels.gemm({ m: e.count, n: hidden, k: dS, a: e.inputs, b: e.value.w1, c: e.units, beta: 0 });
        for (let r = 0, at = 0; r < e.count; r++) {
          const share = e.share[r]!;
          for (let h = 0; h < hidden; h++, at++) {
            const x = e.units[at]! + e.value.b1[h]!;
            const unit = Math.max(x, 0);
            e.units[at] = unit;
            e.gated[at] = share * unit;
          }
        }
        kernels.gemm({ m: e.count, n: dT, k: hidden, a: e.gated, b: e.value.w2, c: e.outputs, beta: 0 });
        kernels.scatterAddRows(out, dT, e.ids, e.count, e.outputs, 1);
      }
    },

    backward(pass, dOut, dStudent) {
      const { n, teacher, tau } = pass;
      if (!plan) throw new Error("backward before forward");
      const z = f32("z", n * M);
      const dz = f32("dz", n * M);
      kernels.gemm({ m: n, n: M, k: dT, a: dOut, b: state.b2.value, transB: true, c: dz, beta: 0 });
      kernels.gemm({ m: M, n: dT, k: n, a: z, transA: true, b: dOut, c: state.b2.grad, beta: 1 });
      dStudent.fill(0, 0, n * dS);
      for (const e of active(n, plan)) {
        kernels.gatherRows(dOut, dT, e.ids, e.count, e.outputs);
        for (let r = 0, at = 0; r < e.count; r++) {
          for (let h = 0; h < hidden; h++, at++) e.gated[at] = e.share[r]! * e.units[at]!;
        }
        const { count } = e;
        kernels.gemm({ m: hidden, n: dT, k: count, a: e.gated, transA: true, b: e.outputs, c: e.grad.w2, beta: 1 });
        // The gated units have served: their place takes the gradient.
        const d = e.gated;
        kernels.gemm({ m: count, n: hidden, k: dT, a: e.outputs, b: e.value.w2, transB: true, c: d, beta: 0 });
        for (let r = 0, at = 0; r < count; r++) {
          const share = e.share[r]!;
          let slope = 0;
          for (let h = 0; h < hidden; h++, at++) {
            const unit = e.units[at]!;
            slope += d[at]! * unit;
            const dUnit = unit > 0 ? share * d[at]! : 0;
            d[at] = dUnit;
            e.grad.b1[h] = e.grad.b1[h]! + dUnit;
          }
          const cell = e.ids[r]! * M + e.m;
          dz[cell] = dz[cell]! + slope;
        }
        kernels.gemm({ m: dS, n: hidden, k: count, a: e.inputs, transA: true, b: d, c: e.grad.w1, beta: 1 });
        const dInputs = f32("dInputs", count * dS);
        kernels.gemm({ m: count, n: dS, k: hidden, a: d, b: e.value.w1, transB: true, c: dInputs, beta: 0 });
        kernels.scatterAddRows(dStudent, dS, e.ids, count, dInputs, 1);
      }
      if (state.gate) gateBackward(state.gate, n, tau, teacher);
    },
  };

  function gateBackward(weights: ExpertGate<Parameter>, n: number, tau: number, teacher: Float32Array): void {
    const [z, dz, p] = [f32("z", n * M), f32("dz", n * M), f32("p", n * M)];
    const bias = weights.b.grad;
    for (let row = 0; row < n * M; row += M) {
      let winner = row;
      for (let m = row; m < row + M; m++) if (z[m]! > z[winner]!) winner = m;
      // Slopes relative to the winner's: the mean then has no large part that 1/τ would blow its rounding up with.
      const base = dz[winner]!;
      let mean = 0;
      for (let m = row; m < row + M; m++) mean += z[m]! * (dz[m]! - base);
      let flow = 0;
      for (let m = row; m < row + M; m++) {
        const dLog = (z[m]! * (dz[m]! - base - mean)) / tau;
        const dp = dLog / (p[m]! + GATE_FLOOR);
        dz[m] = dp;
        flow += p[m]! * dp;
      }
      for (let m = row; m < row + M; m++) {
        const d = p[m]! * (dz[m]! - flow);
        dz[m] = d;
        bias[m - row] = bias[m - row]! + d;
      }
    }
    kernels.gemm({ m: dT, n: M, k: n, a: teacher, transA: true, b: dz, c: weights.w.grad, beta: 1 });
  }
}

/** Softmax of `x[from .. from + n)`, the row's maximum subtracted. `out` may be `x`. */
function softmaxRow(x: Float32Array, from: number, n: number, out: Float32Array): void {
  let max = Number.NEGATIVE_INFINITY;
  for (let i = from; i < from + n; i++) max = Math.max(max, x[i]!);
  let sum = 0;
  for (let i = from; i < from + n; i++) {
    const e = Math.exp(x[i]! - max);
    out[i] = e;
    sum += e;
  }
  for (let i = from; i < from + n; i++) out[i] = out[i]! / sum;
}
