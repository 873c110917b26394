import {
  checkSameGradients,
  checkSameValue,
  checkSlopes,
  type Gradients,
  type LossTrial,
} from "@kdp/plugin-api/testing";

/** Expects two gradients to agree up to `tolerance` of the larger one's largest entry. */
export const expectSameGradient = (found: Gradients, wanted: Gradients, tolerance = 1e-4): void =>
  checkSameGradients(found, wanted, tolerance);

/** Expects the kernel form to give value and gradient of the plain form, for the step last asked for. */
export function expectFusedAgrees(trial: LossTrial, tolerance = 1e-4): void {
  const plain = trial.plain();
  const fused = trial.fused();
  if (!fused) throw new Error("the loss has no fused form");
  if (fused.value !== null) checkSameValue(fused.value, plain.value ?? Number.NaN, 1e-5, "value of the kernel form");
  checkSameGradients(fused.gradients, plain.gradients, tolerance);
  // The weight scales the gradient and nothing else.
  const half = trial.fused(0.5);
  if (half?.value !== fused.value) throw new Error(`weight 0.5 changes the value to ${half?.value}`);
  const halves = Object.entries(fused.gradients).map(([name, g]) => [name, g.map((d) => d / 2)]);
  checkSameGradients(half?.gradients ?? {}, Object.fromEntries(halves), tolerance);
}

/** Expects slopes by finite differences along random directions to be those of the plain form's gradient. */
export function expectSlopes(trial: LossTrial, tolerance = 1e-2): void {
  checkSlopes({
    value: trial.value,
    tables: {
      user: trial.student.tables.user,
      item: trial.student.tables.item,
      ...Object.fromEntries(Object.entries(trial.state).map(([name, { value }]) => [name, value])),
    },
    gradients: trial.plain().gradients,
    tolerance,
  });
}
