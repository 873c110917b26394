import type { Tf } from "@kdp/plugin-api";

/** How a kernel walks two operands that are broadcast against each other: see `assembly/tensors/binary.ts`. */
export interface Broadcast {
  readonly shape: readonly number[];
  readonly outer: number;
  /** 0 when the result is empty. */
  readonly inner: number;
  /** Bytes from row to row. */
  readonly aStep: number;
  readonly bStep: number;
  /** Whether an operand runs along a row (1) or stays (0). */
  readonly aLane: 0 | 1;
  readonly bLane: 0 | 1;
  /** Where each call of the kernel begins, in bytes: one, unless axes are left over. */
  readonly blocks: readonly { readonly a: number; readonly b: number }[];
}

const ONE_BLOCK = [{ a: 0, b: 0 }];
const NUMBER = 4;

/** Neighbouring axes that are broadcast alike, as one. */
interface Axis {
  size: number;
  readonly a: 0 | 1;
  readonly b: 0 | 1;
}

/** @throws Error of TensorFlow.js when the shapes do not go together */
export function broadcastOf(tf: Tf, a: readonly number[], b: readonly number[]): Broadcast {
  if (a.length === b.length && a.every((size, axis) => size === b[axis])) return flat(a, a, 1, 1);
  const shape = tf.broadcast_util.assertAndGetBroadcastShape([...a], [...b]);
  if (shape.includes(0)) return { ...flat(shape, [], 1, 1), inner: 0 };
  const [inner, outer, ...rest] = axesOf(shape, a, b);
  if (!inner) return flat(shape, [], 1, 1);
  if (!outer) return flat(shape, [inner.size], inner.a, inner.b);
  const aRow = NUMBER * (inner.a ? inner.size : 1);
  const bRow = NUMBER * (inner.b ? inner.size : 1);
  return {
    shape,
    outer: outer.size,
    inner: inner.size,
    aStep: outer.a ? aRow : 0,
    bStep: outer.b ? bRow : 0,
    aLane: inner.a,
    bLane: inner.b,
    blocks: blocksOf(rest, aRow * (outer.a ? outer.size : 1), bRow * (outer.b ? outer.size : 1)),
  };
}

function flat(shape: readonly number[], sizes: readonly number[], aLane: 0 | 1, bLane: 0 | 1): Broadcast {
  const inner = sizes.reduce((product, size) => product * size, 1);
  return { shape, outer: 1, inner, aStep: 0, bStep: 0, aLane, bLane, blocks: ONE_BLOCK };
}

/** The axes of the result from the last to the first, without those of length 1, equal neighbours merged. */
function axesOf(shape: readonly number[], a: readonly number[], b: readonly number[]): Axis[] {
  const axes: Axis[] = [];
  for (let back = 1; back <= shape.length; back++) {
    const size = shape[shape.length - back] as number;
    if (size === 1) continue;
    const runs = (own: readonly number[]) => ((own[own.length - back] ?? 1) === 1 ? 0 : 1);
    const axis: Axis = { size, a: runs(a), b: runs(b) };
    const last = axes.at(-1);
    if (last && last.a === axis.a && last.b === axis.b) last.size *= size;
    else axes.push(axis);
  }
  return axes;
}

/** Beginnings of the blocks along the axes that are left, the last axis fastest. */
function blocksOf(axes: readonly Axis[], aBytes: number, bBytes: number): readonly { a: number; b: number }[] {
  let blocks = ONE_BLOCK;
  for (const { size, a, b } of axes) {
    const before = blocks;
    const [aStep, bStep] = [a * aBytes, b * bBytes];
    blocks = Array.from({ length: size }, (_, i) =>
      before.map((at) => ({ a: at.a + i * aStep, b: at.b + i * bStep })),
    ).flat();
    aBytes *= a ? size : 1;
    bBytes *= b ? size : 1;
  }
  return blocks;
}
