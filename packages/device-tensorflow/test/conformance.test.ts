import { createKernels } from "@kdp/kernels";
import type { Tf } from "@kdp/plugin-api";
import { registerGradients } from "@kdp/plugin-api/gradients";
import { describePlugin } from "@kdp/plugin-api/testing";
import plugin from "@kdp/plugins";
import { describe, expect, it } from "vitest";
import { conformanceNotes } from "../../plugins/test/support/conformance-notes.js";
import device from "../src/index.js";
import { reasonToSkip } from "./installation.js";

const reason = reasonToSkip();

async function tensorflow(): Promise<Tf> {
  const { tf } = await device.load();
  registerGradients(tf);
  return tf;
}

describe.skipIf(reason !== null)(`TensorFlow itself${reason === null ? "" : ` (${reason})`}`, () => {
  it("works when it is tried, and says what it computes with", async () => {
    const probe = await device.probe();
    expect(probe).toMatchObject({ usable: true, found: expect.stringMatching(/^libtensorflow 2\.\d+/) });
    if (probe.usable) expect(probe.numericClass).toBe(probe.processor === "gpu" ? "tensorflow-gpu/1" : "tensorflow/1");
  });

  it("gives rows of a softmax that sum to 1 exactly where one entry stands far above the others", async () => {
    const tf = await tensorflow();
    const tops = tf.tidy(() => tf.max(tf.softmax(tf.div(tf.randomNormal([100, 30], 0, 1, "float32", 1), 1e-10)), 1));
    expect(new Set(await tops.data())).toEqual(new Set([1]));
    tops.dispose();
  });

  it("is set again after another back-end was", async () => {
    const tf = await tensorflow();
    await import("@tensorflow/tfjs-backend-cpu");
    await tf.setBackend("cpu");
    expect((await tensorflow()).getBackend()).toBe("tensorflow");
  });

  it("tells a lack of memory, once", async () => {
    const { tf, failure } = await device.load();
    // 281 TB: more than a process can address, whatever the machine.
    expect(() => tf.fill([2 ** 23, 2 ** 23], 1)).toThrow("OOM");
    expect(failure?.()).toMatchObject({ kind: "memory", message: expect.stringContaining("[8388608,8388608]") });
    expect(failure?.()).toBeNull();
    const fine = tf.ones([2]);
    expect([...(await fine.data())]).toEqual([1, 1]);
    fine.dispose();
    expect(failure?.()).toBeNull();
  });

  // Value and gradient of every loss and model in TensorFlow against those of the CPU device's kernels, to 1e-4.
  describePlugin(plugin, { describe, it }, { tf: tensorflow, kernels: createKernels, ...conformanceNotes });
});
