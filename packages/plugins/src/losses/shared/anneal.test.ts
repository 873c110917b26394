import { describe, expect, it } from "vitest";
import { golden } from "../../../test/golden.js";
import { annealedTemperature } from "./anneal.js";

describe("annealedTemperature", () => {
  it("is the published code's, which an epoch sees one epoch later", () => {
    for (const { epoch, max, T } of golden.anneal) {
      expect(Math.abs(annealedTemperature(1, 1e-10, max, epoch + 1) / T - 1), `epoch ${epoch}`).toBeLessThan(1e-12);
    }
  });

  it("starts with two epochs at the first temperature and stays at the last", () => {
    expect([0, 1].map((epoch) => annealedTemperature(2, 1e-3, 10, epoch))).toEqual([2, 2]);
    expect(annealedTemperature(2, 1e-3, 10, 2)).toBeLessThan(2);
    expect([11, 12, 500].map((epoch) => annealedTemperature(2, 1e-3, 10, epoch))).toEqual([1e-3, 1e-3, 1e-3]);
  });
});
