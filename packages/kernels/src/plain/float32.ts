// Samplers choose by comparing float32 numbers, so their twins must have the same bits: these follow the compiled
// kernels' logarithm (`assembly/vector-math.ts`) operation by operation, rounding each to float32.

const round = Math.fround;
const add = (a: number, b: number): number => round(a + b);
const mul = (a: number, b: number): number => round(a * b);

const bits = new DataView(new ArrayBuffer(4));
const COEFFICIENTS = [
  7.0376836292e-2, -1.151461031e-1, 1.167699874e-1, -1.2420140846e-1, 1.4249322787e-1, -1.6668057665e-1,
  2.0000714765e-1, -2.4999993993e-1, 3.3333331174e-1,
].map(round);
const LOW = round(-2.1219444e-4);
const HIGH = round(0.693359375);
const SQRT_HALF = round(Math.SQRT1_2);

/** log x of a positive normal float32. */
export function log32(x: number): number {
  bits.setFloat32(0, x);
  const word = bits.getUint32(0);
  let exponent = (word >>> 23) - 126;
  bits.setUint32(0, (word & 0x007fffff) | 0x3f000000);
  let m = bits.getFloat32(0);
  if (m < SQRT_HALF) {
    exponent -= 1;
    m = add(add(m, m), -1);
  } else m = add(add(m, 0), -1);
  const z = mul(m, m);
  let p = COEFFICIENTS[0] as number;
  for (const coefficient of COEFFICIENTS.slice(1)) p = add(mul(p, m), coefficient);
  p = mul(mul(p, m), z);
  p = add(p, mul(exponent, LOW));
  p = add(p, -mul(z, 0.5));
  return add(add(m, p), mul(exponent, HIGH));
}

/** A standard exponential number from an unsigned word: -log(1 - u) with u = (word + 1/2) / 2^32. */
export function exponential32(word: number): number {
  const u = Math.min(mul(add(round(word), 0.5), 2 ** -32), round(0.99999994));
  const rest = add(1, -u);
  const lost = add(add(1, -rest), -u);
  return -add(log32(rest), round(lost / rest));
}
