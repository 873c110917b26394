import type * as tfc from "@tensorflow/tfjs-core";
import { type Backward, type Rule, type Rules, saved } from "./rule.js";

const reshaped = (input: string): Rule => ({
  inputs: [input],
  back: (b) => ({ [input]: () => b.tf.reshape(b.dy, saved(b, 0).shape) }),
});

/** One gradient per element of a list input. */
const listed = (gradients: readonly tfc.Tensor[]) => Object.fromEntries(gradients.map((g, i) => [i, () => g]));

/** Number of rows before `axis`, along it, and of elements after it. */
function around(shape: readonly number[], axis: number): readonly [number, number, number] {
  const size = (from: number, to: number) => shape.slice(from, to).reduce((a, b) => a * b, 1);
  return [size(0, axis), shape[axis] ?? 1, size(axis + 1, shape.length)];
}

/** Adjoint of gathering: rows that were read several times collect the sum of their gradients. */
function scatterAlong(b: Backward, x: tfc.Tensor, indices: tfc.Tensor, axis: number): tfc.Tensor {
  const { tf, dy } = b;
  const [outer, rows, inner] = around(x.shape, axis);
  const count = indices.size;
  const flat = tf.reshape(tf.cast(indices, "int32"), [count]) as tfc.Tensor1D;
  const first = tf.reshape(outer === 1 ? dy : tf.transpose(tf.reshape(dy, [outer, count, inner]), [1, 0, 2]), [
    count,
    outer * inner,
  ]);
  const summed = tf.unsortedSegmentSum(first, flat, rows);
  return outer === 1
    ? tf.reshape(summed, x.shape)
    : tf.reshape(tf.transpose(tf.reshape(summed, [rows, outer, inner]), [1, 0, 2]), x.shape);
}

/** Kernels that move, copy or select elements. */
export const shapes: Rules = {
  AddN: {
    inputs: "all",
    back: (b) => Object.fromEntries(b.saved.map((_, i) => [i, () => b.dy.clone()])),
  },
  Concat: {
    inputs: "all",
    back: (b) => {
      const axis = b.attrs.axis as number;
      return listed(
        b.tf.split(
          b.dy,
          b.saved.map((s) => s.shape[axis] ?? 1),
          axis,
        ),
      );
    },
  },
  ExpandDims: reshaped("input"),
  GatherV2: {
    inputs: ["x", "indices"],
    back: (b) => {
      const [x, indices] = [saved(b, 0), saved(b, 1)];
      if (b.attrs.batchDims) throw new Error("tf.gather with batchDims has no gradient here: flatten the batch first");
      const [axis] = b.tf.util.parseAxisParam(b.attrs.axis as number, x.shape);
      return { x: () => scatterAlong(b, x, indices, axis ?? 0), indices: () => b.tf.zerosLike(indices) };
    },
  },
  OneHot: { inputs: ["indices"], back: (b) => ({ indices: () => b.tf.zeros(saved(b, 0).shape) }) },
  OnesLike: { back: ({ tf, dy }) => ({ x: () => tf.zerosLike(dy) }) },
  Pack: {
    inputs: "all",
    back: (b) => listed(b.tf.unstack(b.dy, b.attrs.axis as number)),
  },
  PadV2: {
    inputs: ["x"],
    back: (b) => {
      const before = (b.attrs.paddings as [number, number][]).map(([first]) => first);
      return { x: () => b.tf.slice(b.dy, before, saved(b, 0).shape) };
    },
  },
  Reshape: reshaped("x"),
  Reverse: { back: ({ tf, dy, attrs }) => ({ x: () => tf.reverse(dy, attrs.dims as number[]) }) },
  Slice: {
    inputs: ["x"],
    back: (b) => {
      const { shape } = saved(b, 0);
      const begin = b.attrs.begin as number[];
      const paddings = shape.map((size, axis): [number, number] => {
        const from = begin[axis] ?? 0;
        return [from, size - from - (b.dy.shape[axis] ?? 1)];
      });
      return { x: () => b.tf.pad(b.dy, paddings) };
    },
  },
  SplitV: { back: (b) => ({ x: () => b.tf.concat([...b.dys], b.attrs.axis as number) }) },
  Tile: {
    inputs: ["x"],
    back: (b) => {
      const { shape } = saved(b, 0);
      const reps = b.attrs.reps as number[];
      const split = shape.flatMap((size, axis) => [reps[axis] ?? 1, size]);
      const copies = shape.map((_, axis) => 2 * axis);
      return { x: () => b.tf.reshape(b.tf.sum(b.tf.reshape(b.dy, split), copies), shape) };
    },
  },
  Transpose: {
    back: ({ tf, dy, attrs }) => {
      const perm = attrs.perm as number[];
      const inverse = perm.map((_, axis) => perm.indexOf(axis));
      return { x: () => tf.transpose(dy, inverse) };
    },
  },
  Unpack: { back: (b) => ({ value: () => b.tf.stack([...b.dys], b.attrs.axis as number) }) },
  UnsortedSegmentSum: {
    inputs: ["segmentIds"],
    back: (b) => ({ x: () => b.tf.gather(b.dy, b.tf.cast(saved(b, 0), "int32")) }),
  },
  ZerosLike: { back: ({ tf, dy }) => ({ x: () => tf.zerosLike(dy) }) },
};
