import type { Activation, ExpertsOptions } from "@kdp/plugin-api";
import type { RawPart } from "../raw-kernels.js";
import { dot } from "./dot.js";
import { sigmoid } from "./functions.js";

type LayerKernels = RawPart<"addBias" | "addBiasGrad" | "mixExperts" | "mixExpertsGrad">;

const ACTIVATION: Readonly<Record<Activation, (x: number) => number>> = {
  none: (x) => x,
  relu: (x) => Math.max(x, 0),
  tanh: Math.tanh,
  sigmoid,
};
/** Slope at an output. */
const SLOPE: Readonly<Record<Activation, (y: number) => number>> = {
  none: () => 1,
  relu: (y) => (y > 0 ? 1 : 0),
  tanh: (y) => 1 - y * y,
  sigmoid: (y) => y * (1 - y),
};

/** Hidden units of one expert for one row, after the ReLU. */
function unitsOf({ input, inCols, hidden, w1, b1 }: ExpertsOptions, row: number, m: number): Float64Array {
  return Float64Array.from({ length: hidden }, (_, h) => {
    let sum = b1[m * hidden + h]!;
    for (let c = 0; c < inCols; c++) sum += input[row * inCols + c]! * w1[(m * inCols + c) * hidden + h]!;
    return Math.max(sum, 0);
  });
}

/** Dense layers and experts, row by row. */
export const plainLayers: LayerKernels = {
  addBias(x, bias, n, cols, activation) {
    for (let i = 0; i < n * cols; i++) x[i] = ACTIVATION[activation](x[i]! + bias[i % cols]!);
  },
  addBiasGrad(y, dy, n, cols, activation, dBias) {
    for (let i = 0; i < n * cols; i++) {
      dy[i]! *= SLOPE[activation](y[i]!);
      dBias[i % cols]! += dy[i]!;
    }
  },
  mixExperts(options, out) {
    const { n, experts, hidden, outCols, z, w2, b2 } = options;
    for (let row = 0; row < n; row++) {
      const sums = new Float64Array(outCols);
      for (let m = 0; m < experts; m++) {
        const gate = z[row * experts + m]!;
        if (gate === 0) continue;
        const units = unitsOf(options, row, m);
        for (let o = 0; o < outCols; o++) {
          let sum = b2[m * outCols + o]!;
          for (let h = 0; h < hidden; h++) sum += units[h]! * w2[(m * hidden + h) * outCols + o]!;
          sums[o]! += gate * sum;
        }
      }
      out.set(sums, row * outCols);
    }
  },
  mixExpertsGrad(options, dOut, grads) {
    const { n, experts, input, inCols, hidden, outCols, z, w1, w2, b2 } = options;
    grads.input.fill(0, 0, n * inCols);
    grads.z.fill(0, 0, n * experts);
    for (let row = 0; row < n; row++) {
      for (let m = 0; m < experts; m++) {
        const cell = row * experts + m;
        const gate = z[cell]!;
        if (gate === 0) continue;
        const units = unitsOf(options, row, m);
        let slope = dot(dOut, row * outCols, b2, m * outCols, outCols);
        for (let o = 0; o < outCols; o++) grads.b2[m * outCols + o]! += gate * dOut[row * outCols + o]!;
        for (let h = 0; h < hidden; h++) {
          const w = (m * hidden + h) * outCols;
          const d = dot(dOut, row * outCols, w2, w, outCols);
          slope += d * units[h]!;
          for (let o = 0; o < outCols; o++) grads.w2[w + o]! += gate * units[h]! * dOut[row * outCols + o]!;
          if (units[h]! <= 0) continue;
          grads.b1[m * hidden + h]! += gate * d;
          for (let c = 0; c < inCols; c++) {
            const v = (m * inCols + c) * hidden + h;
            grads.w1[v]! += gate * d * input[row * inCols + c]!;
            grads.input[row * inCols + c]! += gate * d * w1[v]!;
          }
        }
        grads.z[cell] = slope;
      }
    }
  },
};
