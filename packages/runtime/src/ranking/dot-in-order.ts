/** <user, item> rounded to float32 after every operation, in order: the bits of a score in the CPU's ranking kernels. */
export function dotInOrder(user: Float32Array, u: number, item: Float32Array, i: number, cols: number): number {
  let sum = 0;
  for (let c = 0; c < cols; c++) {
    sum = Math.fround(sum + Math.fround((user[u * cols + c] as number) * (item[i * cols + c] as number)));
  }
  return sum;
}
