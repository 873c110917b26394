import type { LossDefinition, ModelDefinition } from "@kdp/plugin-api";
import type { DeviceFailure, LoadedDevice } from "@kdp/plugin-api/device";
import { resolveParams, sampleWorld } from "@kdp/plugin-api/testing";
import plugin from "@kdp/plugins";
import { describe, expect, it } from "vitest";
import { describeDevice } from "../../../test/support/device-parity.js";
import { lessonLoss, tasteWorld, trial } from "../../../test/support/training.js";
import type { LessonLoss } from "../../training/bind-losses.js";
import { loadTensorflow } from "../load-tensorflow.js";

const load = async (): Promise<LoadedDevice> => ({ tf: (await loadTensorflow("wasm")).tf, found: "WebAssembly" });

// The path of devices on the back-end that every machine has.
describeDevice({ name: "TensorFlow.js in WebAssembly", load, tolerance: 1e-3 });

describe("a device that reports trouble", () => {
  const model = plugin.models?.bprmf as ModelDefinition;
  const student = { model, params: resolveParams(model.params, { dim: 4 }), world: tasteWorld() };

  it.each([
    ["memory", "KDP8006", /WebAssembly has no memory left: too much/],
    ["lost", "KDP8011", /WebAssembly was lost: too much/],
    ["error", "KDP8011", /WebAssembly failed: too much/],
  ] as const)("fails the node: %s", async (kind, code, message) => {
    let failure: ReturnType<NonNullable<LoadedDevice["failure"]>> = null;
    const loaded = await load();
    const before = loaded.tf.memory().numTensors;
    const device: LoadedDevice = { ...loaded, failure: () => failure };
    await trial({ ...student, session: { device } });
    failure = { kind, message: "too much" };
    await expect(trial({ ...student, session: { device } })).rejects.toMatchObject({
      data: { code, kind: "run", place: "student", message: expect.stringMatching(message) },
    });
    expect(loaded.tf.memory().numTensors).toBe(before);
  });

  it("is heard when an operation throws, too", async () => {
    const loaded = await load();
    const tf = Object.create(loaded.tf, {
      engine: {
        value: () => ({
          gradients: () => {
            throw new Error("status 8");
          },
        }),
      },
    });
    const { numTensors } = loaded.tf.memory();
    const failing = (failure: DeviceFailure | null) =>
      trial({ ...student, session: { device: { ...loaded, tf, failure: () => failure } } });
    await expect(failing({ kind: "memory", message: "no room" })).rejects.toMatchObject({
      data: { code: "KDP8006", message: expect.stringContaining("no room") },
    });
    await expect(failing(null)).rejects.toThrow("status 8");
    expect(loaded.tf.memory().numTensors).toBe(numTensors);
  });

  it("refuses a table that is too large for it, with a width that fits", async () => {
    const device: LoadedDevice = { ...(await load()), largestTensor: 400 };
    await expect(trial({ ...student, session: { device } })).rejects.toMatchObject({
      data: {
        code: "KDP8015",
        message: expect.stringContaining('"item" (32 x 4'),
        fix: expect.stringContaining("dim: 3"),
      },
    });
  });

  it("refuses a teacher's table that is too large for it, and leaves nothing behind", async () => {
    const loaded = await load();
    const { numTensors } = loaded.tf.memory();
    const world = sampleWorld({ users: 20, items: 30, cols: 8 });
    const definition = plugin.losses?.ftd as LossDefinition;
    const params = resolveParams(definition.params, {}) as LessonLoss["params"];
    const loss: LessonLoss = { ...lessonLoss(definition, "ftd"), params, teachers: [world.teacher] };
    const lesson = { baseWeight: 1, losses: [loss] };
    // The student's tables of 4 columns fit, the teacher's of 8 do not.
    const device: LoadedDevice = { ...loaded, largestTensor: 4 * 30 * 7 };
    await expect(trial({ ...student, world: world.train, lesson, session: { device } })).rejects.toMatchObject({
      data: {
        code: "KDP8015",
        message: expect.stringMatching(/^the item table of teacher \S+ \(30 x 8/),
        fix: expect.stringContaining("at most dim: 7"),
      },
    });
    expect(loaded.tf.memory().numTensors).toBe(numTensors);
  });
});
