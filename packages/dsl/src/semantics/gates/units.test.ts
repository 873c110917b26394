import { describe, expect, it } from "vitest";
import { commonUnit, productUnit, quotientUnit } from "./units.js";

describe("units of a gate", () => {
  it("compares plain numbers with metrics and counts, never with sizes or times", () => {
    expect(commonUnit("number", "metric")).toBe("metric");
    expect(commonUnit("count", "number")).toBe("count");
    expect(commonUnit("bytes", "bytes")).toBe("bytes");
    expect(commonUnit("number", "bytes")).toBeNull();
    expect(commonUnit("duration", "bytes")).toBeNull();
    expect(commonUnit("metric", "count")).toBeNull();
  });

  it("multiplies by plain numbers", () => {
    expect(productUnit("number", "bytes")).toBe("bytes");
    expect(productUnit("metric", "count")).toBe("number");
    expect(productUnit("bytes", "bytes")).toBeNull();
    expect(productUnit("metric", "duration")).toBeNull();
  });

  it("divides like by like to a share", () => {
    expect(quotientUnit("bytes", "bytes")).toBe("number");
    expect(quotientUnit("metric", "count")).toBe("number");
    expect(quotientUnit("bytes", "number")).toBe("bytes");
    expect(quotientUnit("number", "bytes")).toBeNull();
  });
});
