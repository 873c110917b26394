/** What a finite-difference check found. */
export interface SlopeCheck {
  /** Slope along the direction from values of the function. */
  readonly measured: number;
  /** The same from the gradient. */
  readonly claimed: number;
}

/**
 * Slope of `value` along `direction` at the present `at`, by central differences of step `eps` with one Richardson
 * extrapolation (error eps⁴), against the slope that `gradient` claims. `at` is put back as it was.
 *
 * float32 losses: eps near 1e-2 balances rounding (value · 6e-8 / eps) against truncation.
 */
export function checkSlope(options: {
  readonly value: () => number;
  readonly at: Float32Array;
  readonly gradient: ArrayLike<number>;
  readonly direction: ArrayLike<number>;
  readonly eps?: number;
}): SlopeCheck {
  const { value, at, gradient, direction, eps = 1e-2 } = options;
  const start = at.slice();
  const move = (step: number): number => {
    for (let i = 0; i < at.length; i++) at[i] = (start[i] as number) + step * (direction[i] as number);
    const y = value();
    at.set(start);
    return y;
  };
  const central = (step: number) => (move(step) - move(-step)) / (2 * step);
  const measured = (4 * central(eps / 2) - central(eps)) / 3;
  let claimed = 0;
  for (let i = 0; i < at.length; i++) claimed += (gradient[i] as number) * (direction[i] as number);
  return { measured, claimed };
}
