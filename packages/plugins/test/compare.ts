import type { LossTrial } from "@kdp/plugin-api/testing";
import { checkSlope, testStream } from "@kdp/plugin-api/testing";
import { expect } from "vitest";

/** Largest entry in size. */
const scaleOf = (values: ArrayLike<number>): number =>
  Array.from(values).reduce((max, v) => Math.max(max, Math.abs(v)), 0);

/** Expects two gradients to agree up to `tolerance` of the larger one's largest entry. */
export function expectSameGradient(
  found: Readonly<Record<string, ArrayLike<number>>>,
  wanted: Readonly<Record<string, ArrayLike<number>>>,
  tolerance = 1e-4,
): void {
  expect(Object.keys(found).sort()).toEqual(Object.keys(wanted).sort());
  for (const [name, values] of Object.entries(wanted)) {
    const other = found[name] as ArrayLike<number>;
    const scale = Math.max(scaleOf(values), scaleOf(other), 1e-6);
    const gap = Array.from(values).reduce((max, v, i) => Math.max(max, Math.abs(v - (other[i] as number))), 0);
    expect(gap / scale, `gradient of ${name}: off by ${gap} of ${scale}`).toBeLessThan(tolerance);
  }
}

/** Expects the kernel form to give value and gradient of the plain form, for the step last asked for. */
export function expectFusedAgrees(trial: LossTrial, tolerance = 1e-4): void {
  const plain = trial.plain();
  const fused = trial.fused();
  if (!fused) throw new Error("the loss has no fused form");
  if (fused.value !== null) {
    expect(Math.abs(fused.value - (plain.value as number)) / Math.max(1, Math.abs(plain.value as number))).toBeLessThan(
      1e-5,
    );
  }
  expectSameGradient(fused.gradients, plain.gradients, tolerance);
  // The weight scales the gradient and nothing else.
  const half = trial.fused(0.5);
  expect(half?.value).toBe(fused.value);
  expectSameGradient(
    half?.gradients ?? {},
    Object.fromEntries(Object.entries(fused.gradients).map(([name, g]) => [name, g.map((d) => d / 2)])),
    tolerance,
  );
}

/** Steps of the finite differences, largest first. */
const STEPS = [1e-2, 4e-3, 1e-3, 3e-4];

/** Expects slopes by finite differences along random directions to be those of the plain form's gradient. */
export function expectSlopes(trial: LossTrial, tolerance = 1e-2): void {
  const { gradients } = trial.plain();
  const tables: Record<string, Float32Array> = {
    user: trial.student.tables.user,
    item: trial.student.tables.item,
    ...Object.fromEntries(Object.entries(trial.state).map(([name, p]) => [name, p.value])),
  };
  for (const [name, gradient] of Object.entries(gradients)) {
    const at = tables[name] as Float32Array;
    const stream = testStream(`direction/${name}`);
    for (let repeat = 0; repeat < 3; repeat++) {
      const direction = Float32Array.from(at, () => stream.normal());
      const norm = Math.hypot(...direction);
      for (let i = 0; i < direction.length; i++) direction[i] = (direction[i] as number) / norm;
      const mean = Math.hypot(...gradient) / Math.sqrt(at.length);
      // A smaller step where a kink (ReLU, a hinge) lies within the larger one: a wrong gradient fails at every step.
      const found: string[] = [];
      const agrees = STEPS.some((eps) => {
        const { measured, claimed } = checkSlope({ value: trial.value, at, gradient, direction, eps });
        found.push(`${measured} at ${eps}, claimed ${claimed}`);
        const scale = Math.max(Math.abs(measured), Math.abs(claimed), mean, 1e-2);
        return Math.abs(measured - claimed) / scale < tolerance;
      });
      expect(agrees, `${name}: measured ${found.join("; ")}`).toBe(true);
    }
  }
}
