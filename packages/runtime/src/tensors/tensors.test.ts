import { beforeAll, describe, expect, it } from "vitest";
import { loadTensorflow, type Tensorflow } from "./load-tensorflow.js";

const x = [
  [1, 2],
  [3, 4],
  [5, 6],
];

describe.each(["wasm", "cpu"] as const)("TensorFlow.js on %s", (preferred) => {
  let loaded: Tensorflow;
  beforeAll(async () => {
    loaded = await loadTensorflow(preferred);
  });

  it("starts the back-end asked for, again and again", async () => {
    expect(loaded.backend).toBe(preferred);
    expect((await loadTensorflow(preferred)).tf.getBackend()).toBe(preferred);
  });

  it("sums segments, dropping ids out of range", () => {
    const { tf } = loaded;
    const sums = tf.unsortedSegmentSum(tf.tensor2d(x), tf.tensor1d([2, 0, 2], "int32"), 3);
    expect(sums.arraySync()).toEqual([
      [3, 4],
      [0, 0],
      [6, 8],
    ]);
    const dropped = tf.unsortedSegmentSum(tf.tensor2d(x), tf.tensor1d([-1, 0, -1], "int32"), 1);
    expect(dropped.arraySync()).toEqual([[3, 4]]);
  });

  it("differentiates gather with rows read twice", () => {
    const { tf } = loaded;
    const grad = tf.grad((table) => tf.sum(tf.square(tf.gather(table, tf.tensor1d([1, 1, 0], "int32")))));
    expect(grad(tf.tensor2d(x)).arraySync()).toEqual([
      [2, 4],
      [12, 16],
      [0, 0],
    ]);
  });

  it.each([
    [false, false],
    [true, false],
    [false, true],
    [true, true],
  ])("multiplies matrices with transposes %s %s", (transposeA, transposeB) => {
    const { tf } = loaded;
    const a = tf.tensor2d([
      [1, 2, 3],
      [4, 5, 6],
    ]);
    const b = tf.tensor2d([
      [7, 8],
      [9, 10],
      [11, 12],
    ]);
    const [left, right] = [transposeA ? tf.transpose(a) : a, transposeB ? tf.transpose(b) : b];
    const product = tf.matMul(left, right, transposeA, transposeB);
    expect(product.arraySync()).toEqual([
      [58, 64],
      [139, 154],
    ]);
  });

  it("multiplies batches with a transposed operand and leaks nothing", () => {
    const { tf } = loaded;
    const before = tf.memory();
    const value = tf.tidy(() => {
      const a = tf.tensor3d([[[1, 2]], [[3, 4]]]);
      return tf.matMul(a, a, false, true).arraySync();
    });
    expect(value).toEqual([[[5]], [[25]]]);
    expect(tf.memory().numTensors).toBe(before.numTensors);
    expect(tf.memory().numDataBuffers).toBe(before.numDataBuffers);
  });
});
