/** Precision at which series and continued fractions end: the last bits of a double. */
const TINY = 1e-300;
const EPSILON = 1e-16;
const MAX_TERMS = 20_000;

const LANCZOS = [
  0.99999999999980993, 676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059,
  12.507343278686905, -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7,
] as const;

/** ln Γ(x) for x > 0, by Lanczos' approximation (g = 7, nine terms): relative error below 1e-14. */
export function logGamma(x: number): number {
  // Γ(x) = Γ(x + 1) / x keeps the approximation where it is good.
  if (x < 0.5) return logGamma(x + 1) - Math.log(x);
  const shifted = x - 1;
  const t = shifted + 7.5;
  let sum: number = LANCZOS[0];
  for (let i = 1; i < LANCZOS.length; i++) sum += (LANCZOS[i] as number) / (shifted + i);
  return 0.5 * Math.log(2 * Math.PI) + (shifted + 0.5) * Math.log(t) - t + Math.log(sum);
}

/**
 * Regularised incomplete beta function I_x(a, b) for a, b > 0 and x in [0, 1], by its continued fraction (Abramowitz and
 * Stegun 26.5.8), taken on the side where it converges fast.
 */
export function incompleteBeta(x: number, a: number, b: number): number {
  if (x <= 0) return 0;
  if (x >= 1) return 1;
  const front = Math.exp(logGamma(a + b) - logGamma(a) - logGamma(b) + a * Math.log(x) + b * Math.log1p(-x));
  return x < (a + 1) / (a + b + 2) ? (front * betaFraction(x, a, b)) / a : 1 - (front * betaFraction(1 - x, b, a)) / b;
}

function betaFraction(x: number, a: number, b: number): number {
  return lentz(
    (k) => {
      const m = Math.floor(k / 2);
      return k % 2 === 0
        ? (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m))
        : (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    },
    () => 1,
  );
}

/** 1 / (d_0 + n_1 / (d_1 + n_2 / (d_2 + …))) by the modified algorithm of Lentz. */
function lentz(numerator: (k: number) => number, denominator: (k: number) => number): number {
  const nonZero = (value: number): number => (Math.abs(value) < TINY ? TINY : value);
  let value = nonZero(denominator(0));
  let c = value;
  let d = 0;
  for (let k = 1; k <= MAX_TERMS; k++) {
    d = 1 / nonZero(denominator(k) + numerator(k) * d);
    c = nonZero(denominator(k) + numerator(k) / c);
    value *= c * d;
    if (Math.abs(c * d - 1) < EPSILON) break;
  }
  return 1 / value;
}

/** P(Z > z) of a standard normal variable, exact to the last digits also far out: Q(z) = ½ erfc(z / √2). */
export function normalTail(z: number): number {
  if (z < 0) return 1 - normalTail(-z);
  const x = (z * z) / 2;
  const scale = Math.exp(-x) * Math.sqrt(x / Math.PI);
  if (x < 1.5) {
    // ½ P(½, x) = ½ e^-x x^½ Σ x^k / Γ(k + 3/2)
    let term = 2;
    let sum = term;
    for (let k = 1; term > sum * EPSILON; k++) {
      term *= x / (k + 0.5);
      sum += term;
    }
    return 0.5 - (scale * sum) / 2;
  }
  // ½ Q(½, x), x^½ e^-x / √π times the continued fraction of Γ(½, x) (Abramowitz and Stegun 6.5.31).
  const fraction = lentz(
    (k) => -k * (k - 0.5),
    (k) => x + 2 * k + 0.5,
  );
  return (scale * fraction) / 2;
}

/** P(|T| > |t|) of Student's distribution: I_{ν/(ν+t²)}(ν/2, ½). */
export function studentTwoSided(t: number, degrees: number): number {
  if (!Number.isFinite(t)) return Number.isNaN(t) ? Number.NaN : 0;
  return incompleteBeta(degrees / (degrees + t * t), degrees / 2, 0.5);
}
