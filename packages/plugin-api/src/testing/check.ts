/** A promise of the plugin API that a plugin does not keep. */
export class ConformanceError extends Error {
  constructor(message: string) {
    super(message);
    this.name = "ConformanceError";
  }
}

/** @throws ConformanceError unless the condition holds */
export function check(condition: boolean, message: string): asserts condition {
  if (!condition) throw new ConformanceError(message);
}

/** Largest entry in size. */
const scaleOf = (values: ArrayLike<number>): number =>
  Array.from(values).reduce((max, v) => Math.max(max, Math.abs(v)), 0);

export type Gradients = Readonly<Record<string, ArrayLike<number>>>;

/** Checks that two gradients agree up to `tolerance` of the larger one's largest entry. */
export function checkSameGradients(found: Gradients, wanted: Gradients, tolerance: number): void {
  const names = Object.keys(wanted).sort();
  check(Object.keys(found).sort().join() === names.join(), `gradients of ${Object.keys(found)} instead of ${names}`);
  for (const name of names) {
    const [a, b] = [found[name], wanted[name]] as [ArrayLike<number>, ArrayLike<number>];
    const scale = Math.max(scaleOf(a), scaleOf(b), 1e-6);
    const gap = Array.from(a).reduce((max, v, i) => Math.max(max, Math.abs(v - (b[i] as number))), 0);
    check(gap / scale < tolerance, `the gradient of ${name} is off by ${gap} where its largest entry is ${scale}`);
  }
}

/** Checks that two values agree up to `tolerance` of the larger one, or of 1. */
export function checkSameValue(found: number, wanted: number, tolerance: number, what: string): void {
  const scale = Math.max(1, Math.abs(found), Math.abs(wanted));
  check(Math.abs(found - wanted) / scale < tolerance, `${what}: ${found} instead of ${wanted}`);
}

export function checkFinite(values: ArrayLike<number>, what: string): void {
  check(Array.from(values).every(Number.isFinite), `${what} holds NaN or infinite numbers`);
}
