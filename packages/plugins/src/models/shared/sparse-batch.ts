import type { Kernels, RandomStream } from "@kdp/plugin-api";
import type { Workspace } from "../../losses/shared/workspace.js";
import type { Sparse } from "./sparse.js";

/** Some rows of a sparse matrix in kernel memory, by rows and by columns, with values. */
export interface SparseBatch {
  readonly rows: number;
  readonly offsets: Int32Array;
  readonly columns: Int32Array;
  readonly values: Float32Array;
  /** `out = X w` for dense `w` `[cols, width]`. */
  times(w: Float32Array, width: number, out: Float32Array): void;
  /** `dw += Xᵀ dOut` for dense `dOut` `[rows, width]`. */
  addTransposed(dOut: Float32Array, width: number, dw: Float32Array): void;
}

export interface InputOptions {
  readonly kernels: Kernels;
  readonly workspace: Workspace;
  readonly matrix: Sparse;
  /** Scales each row to length 1, as the variational autoencoder does with its binary input. */
  readonly unit: boolean;
}

/** Drops entries with a probability and scales those that stay, so that sums keep their expectation. */
export interface Dropout {
  readonly rate: number;
  readonly stream: RandomStream;
}

/** The listed rows as input of an encoder; valid until the next call with the same workspace. */
export function sparseInput(options: InputOptions, ids: Int32Array, dropout: Dropout | null): SparseBatch {
  const { kernels, workspace, matrix, unit } = options;
  const n = ids.length;
  const count = ids.reduce((sum, id) => sum + matrix.offsets[id + 1]! - matrix.offsets[id]!, 0);
  const offsets = workspace.i32("input offsets", n + 1);
  const columns = workspace.i32("input columns", count);
  const values = workspace.f32("input values", count);
  const keep = dropout && dropout.rate > 0 ? 1 / (1 - dropout.rate) : 1;
  let at = 0;
  offsets[0] = 0;
  for (let r = 0; r < n; r++) {
    const [from, to] = [matrix.offsets[ids[r]!]!, matrix.offsets[ids[r]! + 1]!];
    const value = unit && to > from ? 1 / Math.sqrt(to - from) : 1;
    for (let i = from; i < to; i++, at++) {
      columns[at] = matrix.ids[i]!;
      const dropped = dropout !== null && dropout.rate > 0 && dropout.stream.uniform() < dropout.rate;
      values[at] = dropped ? 0 : keep * value;
    }
    offsets[r + 1] = at;
  }
  return {
    rows: n,
    offsets,
    columns,
    values,
    times: (w, width, out) => kernels.spmm(offsets, columns, values, n, w, width, out, false),
    addTransposed(dOut, width, dw) {
      const byColumn = transposed(workspace, matrix.cols, { n, offsets, columns, values });
      kernels.spmm(byColumn.offsets, byColumn.rows, byColumn.values, matrix.cols, dOut, width, dw, true);
    },
  };
}

function transposed(
  workspace: Workspace,
  cols: number,
  batch: {
    readonly n: number;
    readonly offsets: Int32Array;
    readonly columns: Int32Array;
    readonly values: Float32Array;
  },
) {
  const offsets = workspace.i32("column offsets", cols + 1).fill(0);
  const rows = workspace.i32("column rows", batch.columns.length);
  const values = workspace.f32("column values", batch.columns.length);
  for (const column of batch.columns) offsets[column + 1]!++;
  for (let c = 0; c < cols; c++) offsets[c + 1]! += offsets[c]!;
  const next = Int32Array.from(offsets.subarray(0, cols));
  for (let r = 0; r < batch.n; r++) {
    for (let at = batch.offsets[r]!; at < batch.offsets[r + 1]!; at++) {
      const to = next[batch.columns[at]!]!++;
      rows[to] = r;
      values[to] = batch.values[at]!;
    }
  }
  return { offsets, rows, values };
}
