import type { Interactions, Kernels, Side } from "@kdp/plugin-api";
import { columnsOf, rowsOf, type Sparse } from "./sparse.js";

/** A table `[n, cols]` for each side. */
export type Pair = Readonly<Record<Side, Float32Array>>;

const SIDES: readonly Side[] = ["user", "item"];

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
  const nodes = { user: train.users, item: train.items };
  const buffer = () => ({ user: kernels.f32(nodes.user * cols), item: kernels.f32(nodes.item * cols) });
  const [scaled, odd, even] = [buffer(), buffer(), buffer()];
  const every = kernels.i32From(Int32Array.from({ length: Math.max(nodes.user, nodes.item) }, (_, i) => i));

  /** `to += factor * from`: adding rows to themselves in order is the fastest sweep there is. */
  const add = (from: Pair, to: Pair, factor: number) => {
    for (const side of SIDES) kernels.scatterAddRows(to[side], cols, every, nodes[side], from[side], factor);
  };
  /** `to += Â from` */
  const addProduct = (from: Pair, to: Pair) => {
    for (const side of SIDES) {
      const { offsets, ids, values, n } = graph[side];
      kernels.spmm(offsets, ids, values, n, from[side === "user" ? "item" : "user"], cols, to[side], true);
    }
  };
  const copy = (from: Pair, to: Pair) => {
    for (const side of SIDES) to[side].set(from[side]);
  };

  /** Adds the mean to `out` by Horner's rule, y ← x + Â y, so that a layer costs one copy and one product. */
  function addMean(x: Pair, out: Pair): void {
    for (const side of SIDES) scaled[side].fill(0);
    add(x, scaled, 1 / (layers + 1));
    let y: Pair = scaled;
    for (let layer = 1; layer < layers; layer++) {
      const next = y === odd ? even : odd;
      copy(scaled, next);
      addProduct(y, next);
      y = next;
    }
    add(scaled, out, 1);
    if (layers > 0) addProduct(y, out);
  }

  return {
    addMean,
    mean(x, out) {
      for (const side of SIDES) out[side].fill(0);
      addMean(x, out);
    },
    free() {
      kernels.free(every);
      for (const pair of [scaled, odd, even]) for (const side of SIDES) kernels.free(pair[side]);
      for (const side of SIDES) {
        const { offsets, ids, values } = graph[side];
        kernels.free(offsets);
        kernels.free(ids);
        kernels.free(values);
      }
    },
  };
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
