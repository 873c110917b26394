/** What a finite-difference check found. */
export interface SlopeCheck {
  /** Slope along the direction from values of the function on both sides. */
  readonly measured: number;
  /** Slopes from one side alone; they differ where the function has a kink. */
  readonly forward: number;
  readonly backward: number;
  /** The slope that the gradient claims. */
  readonly claimed: number;
  /** How far rounding of float32 values may have moved the measured ones. */
  readonly rounding: number;
}

/** Half the distance of 1 from the next float32. */
const FLOAT32_EPS = 2 ** -24;

/**
 * Slope of `value` along `direction` at the present `at`, by differences of step `eps` with one Richardson extrapolation
 * (error eps⁴ on both sides, eps² from one), against the slope that `gradient` claims. `at` is put back as it was.
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
  const [far, near, here, left, farLeft] = [eps, eps / 2, 0, -eps / 2, -eps].map(move) as [
    number,
    number,
    number,
    number,
    number,
  ];
  let claimed = 0;
  for (let i = 0; i < at.length; i++) claimed += (gradient[i] as number) * (direction[i] as number);
  return {
    measured: (8 * (near - left) - (far - farLeft)) / (6 * eps),
    forward: (4 * near - 3 * here - far) / eps,
    backward: (3 * here - 4 * left + farLeft) / eps,
    claimed,
    rounding: (8 * FLOAT32_EPS * Math.abs(here)) / eps,
  };
}
