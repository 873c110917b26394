import type { TensorInfo } from "@tensorflow/tfjs-core";
import { type Call, type Heap, input, isWide, type Own, sizeOf } from "./heap.js";

/** Kernels that copy a box of numbers out of or into a larger one: slices, joints, frames. */
export function boxes(heap: Heap): Readonly<Record<string, Own>> {
  return {
    Concat: concat(heap),
    Identity: (call) => {
      const x = input(call, "x");
      return x.dtype === "string" ? null : heap.share(x, x.shape);
    },
    PadV2: pad(heap),
    Slice: slice(heap),
    SplitV: split(heap),
    Tile: tile(heap),
  };
}

/** A box inside a larger tensor. */
interface Box {
  readonly whole: readonly number[];
  readonly begin: readonly number[];
  readonly size: readonly number[];
}

/**
 * Walks the box in stretches of rows that are equally far apart in the larger tensor.
 * @param visit numbers to the first row in the larger tensor and in the box, how many rows, their length, their distance
 */
function walk(
  { whole, begin, size }: Box,
  visit: (outside: number, inside: number, rows: number, length: number, distance: number) => void,
): void {
  if (sizeOf(size) === 0) return;
  let axis = whole.length - 1;
  let length = 1;
  // Axes that the box has whole belong to a row.
  while (axis >= 0 && size[axis] === whole[axis]) length *= whole[axis--] as number;
  if (axis < 0) {
    visit(0, 0, 1, length, length);
    return;
  }
  const offset = (begin[axis] as number) * length;
  const distance = (whole[axis] as number) * length;
  length *= size[axis--] as number;
  // Along the axes before, rows are `distance` apart as long as the box has those whole, too.
  let rows = 1;
  while (axis >= 0 && size[axis] === whole[axis]) rows *= whole[axis--] as number;
  if (axis < 0) {
    visit(offset, 0, rows, length, distance);
    return;
  }
  const steps: number[] = [];
  for (let a = axis, step = rows * distance; a >= 0; step *= whole[a--] as number) steps[a] = step;
  const place = begin.slice(0, axis + 1).map(() => 0);
  for (let inside = 0; ; inside += rows * length) {
    const outside = place.reduce((at, p, a) => at + (p + (begin[a] as number)) * (steps[a] as number), offset);
    visit(outside, inside, rows, length, distance);
    let a = axis;
    while (a >= 0 && (place[a] as number) + 1 === size[a]) place[a--] = 0;
    if (a < 0) return;
    place[a] = (place[a] as number) + 1;
  }
}

function copyOut(heap: Heap, x: TensorInfo, begin: readonly number[], size: readonly number[]): TensorInfo {
  const out = heap.make(size, x.dtype);
  const [from, to] = [heap.at(x), heap.at(out)];
  walk({ whole: x.shape, begin, size }, (outside, inside, rows, length, distance) => {
    heap.kernels.copyRows(from + 4 * outside, 4 * distance, rows, 4 * length, to + 4 * inside, 4 * length);
  });
  return out;
}

function copyInto(heap: Heap, x: TensorInfo, begin: readonly number[], out: TensorInfo): void {
  const [from, to] = [heap.at(x), heap.at(out)];
  walk({ whole: out.shape, begin, size: x.shape }, (outside, inside, rows, length, distance) => {
    heap.kernels.copyRows(from + 4 * inside, 4 * length, rows, 4 * length, to + 4 * outside, 4 * distance);
  });
}

function slice(heap: Heap): Own {
  return (call) => {
    const x = input(call, "x");
    if (!isWide(x.dtype)) return null;
    const [begin, size] = heap.tf.slice_util.parseSliceParams(
      x as Parameters<typeof heap.tf.slice_util.parseSliceParams>[0],
      call.attrs?.begin as number[],
      call.attrs?.size as number[],
    );
    return copyOut(heap, x, begin as number[], size as number[]);
  };
}

function split(heap: Heap): Own {
  return (call) => {
    const x = input(call, "x");
    if (!isWide(x.dtype)) return null;
    const { tf } = heap;
    const [axis = 0] = tf.util.parseAxisParam(call.attrs?.axis as number, x.shape);
    const sizes = tf.backend_util.prepareSplitSize(
      x as Parameters<typeof tf.backend_util.prepareSplitSize>[0],
      call.attrs?.numOrSizeSplits as number | number[],
      axis,
    );
    let from = 0;
    return sizes.map((length) => {
      const begin = x.shape.map((_, a) => (a === axis ? from : 0));
      from += length;
      return copyOut(
        heap,
        x,
        begin,
        x.shape.map((size, a) => (a === axis ? length : size)),
      );
    });
  };
}

const partsOf = (call: Call): readonly TensorInfo[] => Object.values(call.inputs).filter((part) => part !== undefined);

function concat(heap: Heap): Own {
  return (call) => {
    const parts = partsOf(call);
    const [first] = parts;
    if (!first || !isWide(first.dtype) || parts.some(({ dtype }) => dtype !== first.dtype)) return null;
    const { tf } = heap;
    const [axis = 0] = tf.util.parseAxisParam(call.attrs?.axis as number, first.shape);
    const shapes = parts.map(({ shape }) => shape);
    tf.backend_util.assertParamsConsistent(shapes, axis);
    const out = heap.make(tf.backend_util.computeOutShape(shapes, axis), first.dtype);
    let from = 0;
    for (const part of parts) {
      copyInto(
        heap,
        part,
        out.shape.map((_, a) => (a === axis ? from : 0)),
        out,
      );
      from += part.shape[axis] ?? 0;
    }
    return out;
  };
}

function pad(heap: Heap): Own {
  return (call) => {
    const x = input(call, "x");
    if (!isWide(x.dtype)) return null;
    const paddings = call.attrs?.paddings as readonly (readonly [number, number])[];
    const shape = x.shape.map((size, axis) => size + (paddings[axis]?.[0] ?? 0) + (paddings[axis]?.[1] ?? 0));
    const out = heap.make(shape, x.dtype);
    heap.backend.typedArrayFromHeap(out).fill(Number(call.attrs?.constantValue ?? 0));
    copyInto(
      heap,
      x,
      paddings.map(([before]) => before),
      out,
    );
    return out;
  };
}

/** Broadcasting written out: axes of length 1 are repeated at the front, at the end, or at both; all others stay. */
function tile(heap: Heap): Own {
  return (call) => {
    const x = input(call, "x");
    const reps = call.attrs?.reps as readonly number[];
    if (!isWide(x.dtype) || x.shape.some((size, axis) => size !== 1 && reps[axis] !== 1)) return null;
    // The axes that stay, from the first to the last; none of a single number.
    const first = Math.max(
      0,
      x.shape.findIndex((length) => length !== 1),
    );
    const behindLast = x.shape.findLastIndex((length) => length !== 1) + 1;
    if (reps.slice(first, Math.max(first, behindLast)).some((times) => times !== 1)) return null;
    const out = heap.make(
      x.shape.map((size, axis) => size * (reps[axis] ?? 1)),
      x.dtype,
    );
    if (sizeOf(out.shape) === 0) return out;
    const behind = sizeOf(reps.slice(behindLast));
    const before = sizeOf(reps.slice(0, first));
    const [from, to, own] = [heap.at(x), heap.at(out), sizeOf(x.shape)];
    const bytes = 4 * own * behind;
    if (behind === 1) heap.kernels.copyRows(from, 0, 1, bytes, to, 0);
    else heap.kernels.repeat(from, own, behind, to);
    heap.kernels.copyRows(to, 0, before - 1, bytes, to + bytes, bytes);
    return out;
  };
}
