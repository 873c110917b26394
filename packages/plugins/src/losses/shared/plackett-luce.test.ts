import { createPlainKernels } from "@kdp/kernels";
import type { Tf } from "@kdp/plugin-api";
import type { Tensor2D } from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";
import { loadTf } from "../../../test/tensorflow.js";
import { plackettLuce } from "./plackett-luce.js";

let tf: Tf;
beforeAll(async () => {
  tf = await loadTf();
});

function evaluate(rows: readonly (readonly number[])[], k: number): { value: number; gradient: number[] } {
  return tf.tidy(() => {
    const { value, grad } = tf.valueAndGrad((x) => plackettLuce(tf, x as Tensor2D, k))(tf.tensor2d(rows as number[][]));
    return { value: value.dataSync()[0] as number, gradient: [...grad.dataSync()] };
  });
}

describe("plackettLuce", () => {
  it("gives the published code's value and gradient", () => {
    const { value, gradient } = evaluate(
      [
        [2, 1, 0.5, -1, 0],
        [0.1, -0.3, 0.2, 0.3, 0.4],
      ],
      3,
    );
    expect(value).toBeCloseTo(6.67299705664183, 5);
    const expected = [
      -0.4369787681858156, -0.3188852176184629, -0.04033361443591987, 0.214130514299978, 0.5820670859402199,
      -0.8129705845898707, -0.7204187454015953, -0.23843883329885507, 0.8416552537738657, 0.9301729095164554,
    ];
    expected.forEach((d, i) => {
      expect(gradient[i]).toBeCloseTo(d, 5);
    });
  });

  it("splits the gradient evenly where all scores are equal", () => {
    // Two items in order, nothing below: -log(1/2); d/ds0 = -1/2, d/ds1 = +1/2.
    const { value, gradient } = evaluate([[0, 0]], 2);
    expect(value).toBeCloseTo(Math.log(2), 6);
    expect(gradient[0]).toBeCloseTo(-0.5, 6);
    expect(gradient[1]).toBeCloseTo(0.5, 6);
  });

  it("stays finite and right for scores far apart", () => {
    const { value, gradient } = evaluate([[-200, 0, 150, 300, -300]], 3);
    // Each ordered item against 300: 500 + 300 + 150.
    expect(value).toBeCloseTo(950, 3);
    expect(gradient.map((g) => Math.round(g))).toEqual([-1, -1, -1, 3, 0]);
  });

  it("agrees with the kernel", () => {
    const kernels = createPlainKernels();
    const rows = Array.from({ length: 3 }, (_, r) => Array.from({ length: 9 }, (_, c) => Math.sin(3 * r + c * c)));
    const scores = kernels.f32From(rows.flat());
    const gradient = kernels.f32(scores.length);
    const plain = evaluate(rows, 4);
    expect(kernels.plackettLuce(scores, 3, 4, 5, 1, gradient)).toBeCloseTo(plain.value, 4);
    plain.gradient.forEach((d, i) => {
      expect(gradient[i]).toBeCloseTo(d, 5);
    });
  });
});
