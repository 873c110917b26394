import { expect } from "vitest";

/**
 * Checks a gradient against central differences of the value. Values come out of float32 inputs, so the step is large and
 * the tolerance follows the size of the value.
 */
export function expectGradient(
  value: () => number,
  point: Float32Array,
  gradient: ArrayLike<number>,
  options: { readonly step?: number; readonly tolerance?: number } = {},
): void {
  const { step = 2 ** -8, tolerance = 2e-3 } = options;
  for (let i = 0; i < point.length; i++) {
    const x = point[i] as number;
    point[i] = x + step;
    const high = point[i] as number;
    const above = value();
    point[i] = x - step;
    const low = point[i] as number;
    const below = value();
    point[i] = x;
    const expected = (above - below) / (high - low);
    const actual = gradient[i] as number;
    if (!(Math.abs(actual - expected) <= tolerance * (1 + Math.abs(expected)))) {
      expect.fail(`gradient[${i}] is ${actual}, differences give ${expected}`);
    }
  }
}
