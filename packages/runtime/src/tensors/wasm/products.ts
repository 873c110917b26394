import { MATMUL_SCRATCH } from "@kdp/kernels";
import type { TensorInfo } from "@tensorflow/tfjs-core";
import { type Heap, input, isWide, type Own, sizeOf } from "./heap.js";

/** Products of matrices, whichever side is transposed, and sums of rows by id. */
export function products(heap: Heap): Readonly<Record<string, Own>> {
  return { BatchMatMul: matMul(heap), Transpose: transpose(heap) };
}

function matMul(heap: Heap): Own {
  return (call) => {
    const [a, b] = [input(call, "a"), input(call, "b")];
    if (a.dtype !== "float32" || b.dtype !== "float32") return null;
    const [transA, transB] = [Boolean(call.attrs?.transposeA), Boolean(call.attrs?.transposeB)];
    const [aRows, aCols] = a.shape.slice(-2) as [number, number];
    const [bRows, bCols] = b.shape.slice(-2) as [number, number];
    const [m, k] = transA ? [aCols, aRows] : [aRows, aCols];
    const [inner, n] = transB ? [bCols, bRows] : [bRows, bCols];
    const [aBatch, bBatch] = [a.shape.slice(0, -2), b.shape.slice(0, -2)];
    const [aCount, bCount] = [sizeOf(aBatch), sizeOf(bBatch)];
    const count = Math.max(aCount, bCount);
    // Batches that are broadcast along some axes only, and shapes that do not fit, are the stock kernel's matter.
    if (k !== inner || (aCount !== count && aCount !== 1) || (bCount !== count && bCount !== 1)) return null;
    const batch = heap.tf.broadcast_util.assertAndGetBroadcastShape(aBatch, bBatch);
    if (sizeOf(batch) !== count) return null;
    const out = heap.make([...batch, m, n], "float32");
    if (sizeOf(out.shape) === 0) return out;
    const scratch = heap.scratch(MATMUL_SCRATCH);
    const [from, other, to] = [heap.at(a), heap.at(b), heap.at(out)];
    const symmetric = Number(a.dataId === b.dataId && transA !== transB && aRows === bRows && aCount === bCount);
    const aBytes = aCount === 1 ? 0 : 4 * m * k;
    const bBytes = bCount === 1 ? 0 : 4 * k * n;
    for (let i = 0; i < count; i++) {
      const [x, y, z] = [from + i * aBytes, other + i * bBytes, to + i * 4 * m * n];
      heap.kernels.matMul(m, n, k, x, aCols, Number(transA), y, bCols, Number(transB), z, symmetric, scratch);
    }
    return out;
  };
}

function transpose(heap: Heap): Own {
  return (call) => {
    const x = input(call, "x");
    if (!isWide(x.dtype)) return null;
    const perm = call.attrs?.perm as readonly number[];
    const shape = perm.map((axis) => x.shape[axis] as number);
    if (sizeOf(shape) === 0) return heap.make(shape, x.dtype);
    const moved = perm.filter((axis) => x.shape[axis] !== 1);
    const at = moved.findIndex((axis, i) => i > 0 && axis < (moved[i - 1] as number));
    if (at < 0) return heap.share(x, shape);
    return swapped(heap, x, shape, moved);
  };
}

/** [n, a, b] to [n, b, a]; null for other orders. */
function swapped(heap: Heap, x: TensorInfo, shape: readonly number[], moved: readonly number[]): TensorInfo | null {
  const sorted = [...moved].sort((p, q) => p - q);
  // How many leading axes stay, and how many of the others come to the front.
  const kept = moved.findIndex((axis, i) => axis !== sorted[i]);
  const front = moved.indexOf(sorted[kept] as number) - kept;
  const turned = [
    ...sorted.slice(0, kept),
    ...sorted.slice(sorted.length - front),
    ...sorted.slice(kept, sorted.length - front),
  ];
  if (turned.some((axis, i) => axis !== moved[i])) return null;
  const sizes = (axes: readonly number[]) => sizeOf(axes.map((axis) => x.shape[axis] as number));
  const out = heap.make(shape, x.dtype);
  const n = sizes(sorted.slice(0, kept));
  const cols = sizes(sorted.slice(sorted.length - front));
  const rows = sizes(sorted.slice(kept, sorted.length - front));
  heap.kernels.transpose(heap.at(x), n, rows, cols, heap.at(out));
  return out;
}
