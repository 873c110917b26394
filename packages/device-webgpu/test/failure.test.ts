import { describe, expect, it } from "vitest";
import device from "../src/index.js";
import { reasonToSkip } from "./adapter.js";

const reason = await reasonToSkip();

describe.skipIf(reason !== null)(`what goes wrong on a GPU${reason === null ? "" : ` (${reason})`}`, () => {
  it("is told once it is known, and once", async () => {
    const { tf, failure, largestTensor } = await device.load();
    expect(failure?.()).toBeNull();
    const side = Math.ceil(Math.sqrt((largestTensor ?? 0) / 4)) + 1;
    const seen = tf.tidy(() => {
      const column = tf.ones([side, 1]);
      return tf.max(tf.mul(column, tf.ones([1, side])));
    });
    await seen.data();
    expect(failure?.()).toMatchObject({ kind: "memory", message: expect.stringMatching(/size/) });
    seen.dispose();
    const fine = tf.tidy(() => tf.matMul(tf.ones([40, 40]), tf.ones([40, 40])));
    expect((await fine.data())[7]).toBe(40);
    expect(failure?.()).toBeNull();
  });
});
