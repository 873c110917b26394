import { registerGradients } from "@kdp/plugin-api/gradients";
import { describe, expect, it } from "vitest";
import { describeDevice } from "../../runtime/test/support/device-parity.js";
import device from "../src/index.js";
import { reasonToSkip } from "./adapter.js";

const reason = await reasonToSkip();

async function load() {
  const loaded = await device.load();
  registerGradients(loaded.tf);
  return loaded;
}

describe.skipIf(reason !== null)(`WebGPU itself${reason === null ? "" : ` (${reason})`}`, () => {
  it("says what it computes with, and that a software rasteriser is no GPU", async () => {
    const probe = await device.probe();
    expect(probe).toMatchObject({ usable: true, numericClass: "webgpu/1" });
    if (probe.usable && /swiftshader/i.test(probe.found)) expect(probe.processor).toBe("cpu");
    expect((await load()).tf.getBackend()).toBe("webgpu");
  });

  it("refuses a table that one binding does not take", async () => {
    const { largestTensor } = await load();
    expect(largestTensor).toBeGreaterThanOrEqual(128 * 2 ** 20);
  });

  describeDevice({ name: "WebGPU", load, tolerance: 1e-3 });
});
