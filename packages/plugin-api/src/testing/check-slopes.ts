import { check } from "./check.js";
import { checkSlope, type SlopeCheck } from "./finite-differences.js";
import { testStream } from "./test-streams.js";

/** Steps of the finite differences, largest first. */
const STEPS = [1e-2, 4e-3, 1e-3, 3e-4];

const unit = (x: Float32Array): Float32Array => {
  const norm = Math.hypot(...x);
  return norm > 0 ? x.map((v) => v / norm) : x;
};

/**
 * Checks the gradient of a float32 function against finite differences, along the gradient itself and along two random
 * directions of each table. Where a kink (ReLU, a hinge) lies within a step, a smaller one must agree; where it lies at the
 * very point, the gradient must lie between the slopes from its two sides. A wrong gradient fails at every step.
 * @param tables values that `value` reads, by the names of `gradients`
 */
export function checkSlopes(options: {
  readonly value: () => number;
  readonly tables: Readonly<Record<string, Float32Array>>;
  readonly gradients: Readonly<Record<string, ArrayLike<number>>>;
  readonly tolerance?: number;
}): void {
  const { value, tables, gradients, tolerance = 1e-2 } = options;
  for (const [name, gradient] of Object.entries(gradients)) {
    const at = tables[name] as Float32Array;
    const stream = testStream(`direction/${name}`);
    const typical = Math.hypot(...Array.from(gradient)) / Math.sqrt(at.length);
    const random = () => unit(Float32Array.from(at, () => stream.normal()));
    for (const direction of [unit(Float32Array.from(gradient)), random(), random()]) {
      const found: string[] = [];
      const agrees = STEPS.some((eps) => {
        const slopes = checkSlope({ value, at, gradient, direction, eps });
        found.push(`${slopes.measured} with a step of ${eps}`);
        if (found.length === 1) found.unshift(`claims ${slopes.claimed}, measured`);
        return isSlope(slopes, tolerance, typical);
      });
      check(agrees, `the gradient of ${name} is not the slope of the value: it ${found.join(", ")}`);
    }
  }
}

/** @param typical size of the slope along a random direction */
function isSlope(slopes: SlopeCheck, tolerance: number, typical: number): boolean {
  const { measured, forward, backward, claimed, rounding } = slopes;
  const scale = Math.max(Math.abs(measured), Math.abs(claimed), typical, 1e-2);
  // A step so small that rounding drowns the slope says nothing.
  if (rounding > scale / 4) return false;
  const slack = tolerance * scale + rounding;
  if (Math.abs(measured - claimed) < slack) return true;
  return claimed > Math.min(forward, backward) - slack && claimed < Math.max(forward, backward) + slack;
}
