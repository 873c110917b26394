import type { Tf } from "@kdp/plugin-api";
import type { TensorInfo } from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";
import { loadTensorflow } from "../load-tensorflow.js";
import { type Heap, openHeap } from "./heap.js";
import { segmentSum } from "./segment-sum.js";
import { transposeFirst } from "./transpose-first.js";

let tf: Tf;
let heap: Heap;
beforeAll(async () => {
  tf = (await loadTensorflow("wasm")).tf;
  heap = (await openHeap(tf)) as Heap;
});

/** The numbers of what a kernel returned, which is freed. */
function read(out: TensorInfo): number[] {
  const values = Array.from(heap.backend.typedArrayFromHeap(out));
  heap.backend.disposeData(out.dataId);
  return values;
}

describe("where there is no SIMD", () => {
  it("rows are summed by their ids, dropping those out of range", () => {
    tf.tidy(() => {
      const x = tf.tensor2d([1, 2, 3, 4, 5, 6], [3, 2]);
      const segmentIds = tf.tensor1d([1, -1, 1], "int32");
      const out = segmentSum({ inputs: { x, segmentIds }, attrs: { numSegments: 3 }, backend: heap.backend });
      expect(out.shape).toEqual([3, 2]);
      expect(read(out)).toEqual([0, 0, 6, 8, 0, 0]);
    });
  });

  it.each([
    [false, false],
    [true, false],
    [false, true],
    [true, true],
  ])(
    "operands are transposed before they are multiplied (%s, %s), and their copies freed",
    (transposeA, transposeB) => {
      tf.tidy(() => {
        const a = tf.tensor2d([1, 2, 3, 4, 5, 6], transposeA ? [3, 2] : [2, 3]);
        const b = tf.tensor2d([1, 0, 2, 1, 0, 1], transposeB ? [2, 3] : [3, 2]);
        const before = heap.backend.numDataIds();
        const out = transposeFirst(tf)({ inputs: { a, b }, attrs: { transposeA, transposeB }, backend: heap.backend });
        const found = read(out as TensorInfo);
        expect(heap.backend.numDataIds()).toBe(before);
        const plain = (x: typeof a, isTurned: boolean) => (isTurned ? tf.transpose(x) : x);
        expect(found).toEqual(Array.from(tf.matMul(plain(a, transposeA), plain(b, transposeB)).dataSync()));
      });
    },
  );
});
