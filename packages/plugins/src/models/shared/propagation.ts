import type { Interactions, Kernels, Side } from "@kdp/plugin-api";
import { columnsOf, rowsOf, type Sparse } from "./sparse.js";

/** A table `[n, cols]` for each side. */
export type Pair = Readonly<Record<Side, Float32Array>>;

/** Smoothing over the graph of interactions; see {@link createPropagation}. */
export interface Propagation {
  /** `out = (1 / (L + 1)) Σ_l Âˡ x` */
  mean(x: Pair, out: Pair): void;
  /** `out += (1 / (L + 1)) Σ_l Âˡ x` */
  addMean(x: Pair, out: Pair): void;
  free(): void;
}

/**
 * Mean over layers of repeated multiplication by the normalised adjacency Â = D^-½ A D^-½ of users and items. Â is block
 * off-diagonal, so that a layer is two sparse products: users from items, and items from users. Nodes without an edge keep
 * 1 / (L + 1) of their own row.
 */
export function createPropagation(kernels: Kernels, train: Interactions, cols: number, layers: number): Propagation {
  const [rows, columns] = [rowsOf(train), columnsOf(train)];
  const degree = { user: degrees(rows), item: degrees(columns) };
  const graph = {
    user: adjacency(kernels, rows, degree.user, degree.item),
    item: adjacency(kernels, columns, degree.item, degree.user),
  };
  const sizes = { user: train.users * cols, item: train.items * cols };
  const buffer = () => ({ user: kernels.f32(sizes.user), item: kernels.f32(sizes.item) });
  const [sum, current, next] = [buffer(), buffer(), buffer()];
  const apply = (from: Pair, to: Pair) => {
    for (const [side, other] of [
      ["user", "item"],
      ["item", "user"],
    ] as const) {
      const { offsets, ids, values, n } = graph[side];
      kernels.spmm(offsets, ids, values, n, from[other], cols, to[side], false);
    }
  };

  function total(x: Pair): Pair {
    sum.user.set(x.user);
    sum.item.set(x.item);
    let [from, to]: [Pair, Pair] = [x, current];
    for (let layer = 0; layer < layers; layer++) {
      apply(from, to);
      for (const side of ["user", "item"] as const) add(to[side], sum[side], 1);
      [from, to] = [to, to === current ? next : current];
    }
    return sum;
  }

  const scale = 1 / (layers + 1);
  return {
    mean(x, out) {
      const found = total(x);
      for (const side of ["user", "item"] as const) {
        const values = found[side];
        for (let i = 0; i < values.length; i++) out[side][i] = scale * values[i]!;
      }
    },
    addMean(x, out) {
      const found = total(x);
      for (const side of ["user", "item"] as const) add(found[side], out[side], scale);
    },
    free() {
      for (const pair of [sum, current, next]) for (const side of ["user", "item"] as const) kernels.free(pair[side]);
      for (const { offsets, ids, values } of Object.values(graph)) {
        kernels.free(offsets);
        kernels.free(ids);
        kernels.free(values);
      }
    },
  };
}

function add(from: Float32Array, to: Float32Array, scale: number): void {
  for (let i = 0; i < from.length; i++) to[i]! += scale * from[i]!;
}

const degrees = ({ rows, offsets }: Sparse): Int32Array =>
  Int32Array.from({ length: rows }, (_, r) => offsets[r + 1]! - offsets[r]!);

/** One block of Â in kernel memory, entries 1 / √(deg row · deg column). */
function adjacency(kernels: Kernels, { rows, offsets, ids }: Sparse, own: Int32Array, other: Int32Array) {
  const values = kernels.f32(ids.length);
  for (let r = 0; r < rows; r++) {
    for (let at = offsets[r]!; at < offsets[r + 1]!; at++) values[at] = 1 / Math.sqrt(own[r]! * other[ids[at]!]!);
  }
  return { n: rows, offsets: kernels.i32From(offsets), ids: kernels.i32From(ids), values };
}
