import { createKernels } from "@kdp/kernels";
import type { Streams } from "@kdp/plugin-api";
import { testStream, testStreams } from "@kdp/plugin-api/testing";
import { describe, expect, it } from "vitest";
import { gumbelSource } from "./gumbel.js";

/** Streams with lanes, as the engine's. */
const keyed: Streams = {
  stream: (purpose, epoch) => ({ ...testStream(purpose), key: { key: [7, epoch], nonce: [1, 2] } }),
};

describe.each([
  ["by kernels", keyed],
  ["number by number", testStreams(3)],
])("gumbelSource, %s", (_, streams) => {
  it("gives standard Gumbel numbers: mean .5772, variance π² / 6", async () => {
    const kernels = await createKernels();
    const source = gumbelSource(kernels, streams);
    const out = kernels.f32(100_000);
    source.startEpoch(0);
    source.fill(out);
    const mean = out.reduce((a, b) => a + b, 0) / out.length;
    const variance = out.reduce((a, b) => a + (b - mean) ** 2, 0) / out.length;
    // Five standard deviations of either estimate.
    expect(Math.abs(mean - 0.5772157)).toBeLessThan(0.021);
    expect(Math.abs(variance - Math.PI ** 2 / 6)).toBeLessThan(0.055);
    expect(out.every(Number.isFinite)).toBe(true);
  });

  it("gives new numbers at every call and in every epoch, and an epoch's own again when it is run again", async () => {
    const kernels = await createKernels();
    const source = gumbelSource(kernels, streams);
    const draw = (epoch: number) => {
      source.startEpoch(epoch);
      return [0, 1].map(() => {
        const out = kernels.f32(50);
        source.fill(out);
        return out.join();
      });
    };
    const first = draw(4);
    expect(new Set([...first, ...draw(5)]).size).toBe(4);
    expect(draw(4)).toEqual(first);
  });
});
