/** <a, b> of `cols` numbers from two offsets, summed in float64. */
export function dot(a: Float32Array, aAt: number, b: Float32Array, bAt: number, cols: number): number {
  let sum = 0;
  for (let c = 0; c < cols; c++) sum += a[aAt + c]! * b[bAt + c]!;
  return sum;
}

/** <a, b> rounded to float32 after every operation, in order: the bits of a score in the compiled ranking kernels. */
export function dotInOrder(a: Float32Array, aAt: number, b: Float32Array, bAt: number, cols: number): number {
  let sum = 0;
  for (let c = 0; c < cols; c++) sum = Math.fround(sum + Math.fround(a[aAt + c]! * b[bAt + c]!));
  return sum;
}
