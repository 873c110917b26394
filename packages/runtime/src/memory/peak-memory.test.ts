import { createKernels } from "@kdp/kernels";
import { describe, expect, it } from "vitest";
import { peakMemory, resetPeakMemory } from "./peak-memory.js";

const MIB = 2 ** 20;
const touched = (bytes: number) => new Uint8Array(bytes).fill(1).length;

describe.runIf(process.platform === "linux")("the highest memory of a process", () => {
  it("counts what was let go of since, until a new measurement begins", async () => {
    await resetPeakMemory();
    const before = peakMemory();
    expect(touched(300 * MIB)).toBe(300 * MIB);
    expect(peakMemory() - before).toBeGreaterThan(250 * MIB);
    await resetPeakMemory();
    expect(peakMemory() - before).toBeLessThan(100 * MIB);
  });

  it("is not that of the kernels of an earlier node", async () => {
    await resetPeakMemory();
    const before = peakMemory();
    const fill = async () => (await createKernels()).f32(75 * MIB).fill(1).length;
    expect(await fill()).toBe(75 * MIB);
    expect(peakMemory() - before).toBeGreaterThan(250 * MIB);
    await resetPeakMemory();
    expect(peakMemory() - before).toBeLessThan(100 * MIB);
  });
});
