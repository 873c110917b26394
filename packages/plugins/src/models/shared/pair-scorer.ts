import type { FittedTables, Kernels, Scorer } from "@kdp/plugin-api";
import type { Workspace } from "../../losses/shared/workspace.js";
import { fittedTable } from "./fitted.js";
import { type PairShape, rowWidth } from "./pair-network.js";

/** Items scored at a time where the tower has several layers. */
const CHUNK = 1 << 13;

/**
 * Scores of all items by a pair network. The first layer is linear in each side, W [u, i] = W_u u + W_i i: the items' part is
 * computed once, so that a user costs one pass over it.
 * @param workspace buffers of this scorer; a later scorer from the same workspace overwrites them
 */
export function pairScorer(kernels: Kernels, workspace: Workspace, shape: PairShape, tables: FittedTables): Scorer {
  const { product, tower, hidden } = shape;
  const width = rowWidth(shape);
  const [user, item] = [fittedTable(tables, "user"), fittedTable(tables, "item")];
  const items = item.rows;
  const first = hidden[0]!;
  const own = (name: string) => {
    const { values } = fittedTable(tables, name);
    const copy = workspace.f32(name, values.length);
    copy.set(values);
    return copy;
  };
  const itemRows = own("item");
  const layers = hidden.map((size, l) => ({ size, weight: own(`layer.${l}.weight`), bias: own(`layer.${l}.bias`) }));
  const output = { weight: own("output.weight"), bias: fittedTable(tables, "output.bias").values[0]! };
  const userRow = workspace.f32("user row", width);
  const userPart = workspace.f32("user part", first);
  const itemPart = workspace.f32("item part", items * first);
  const weight = layers[0]!.weight;
  const common = { k: tower, ldb: 2 * tower, transB: true } as const;
  kernels.gemm({
    ...common,
    m: items,
    n: first,
    a: itemRows.subarray(product),
    lda: width,
    b: weight.subarray(tower),
    c: itemPart,
  });
  const products = workspace.f32("products", items);
  const weighted = workspace.f32("weighted", product);
  const units = hidden.map((size, l) => workspace.f32(`units ${l}`, hidden.length > 1 ? CHUNK * size : 0));

  /** Bias of the output plus the product's part of the logit of each item. */
  function startLogits(out: Float32Array): void {
    out.fill(output.bias, 0, items);
    if (product === 0) return;
    for (let c = 0; c < product; c++) weighted[c] = output.weight[c]! * userRow[c]!;
    kernels.gemm({ m: items, n: 1, k: product, a: itemRows, lda: width, b: weighted, transB: true, c: products });
    for (let i = 0; i < items; i++) out[i]! += products[i]!;
  }

  /** Adds the tower of one layer: Σ_c v_c relu(a_c + b_c) for each item, in one pass. */
  function addShallow(out: Float32Array): void {
    const v = output.weight.subarray(product);
    for (let i = 0, at = 0; i < items; i++) {
      let sum = 0;
      for (let c = 0; c < first; c++, at++) {
        const unit = userPart[c]! + itemPart[at]!;
        if (unit > 0) sum += v[c]! * unit;
      }
      out[i]! += sum;
    }
  }

  function addDeep(out: Float32Array): void {
    const v = output.weight.subarray(product);
    for (let from = 0; from < items; from += CHUNK) {
      const n = Math.min(CHUNK, items - from);
      const bottom = units[0]!;
      bottom.set(itemPart.subarray(from * first, (from + n) * first));
      kernels.addBias(bottom, userPart, n, first, "relu");
      for (let l = 1; l < layers.length; l++) {
        const { size, weight: w, bias } = layers[l]!;
        kernels.gemm({ m: n, n: size, k: layers[l - 1]!.size, a: units[l - 1]!, b: w, transB: true, c: units[l]! });
        kernels.addBias(units[l]!, bias, n, size, "relu");
      }
      const top = units.at(-1)!;
      const size = layers.at(-1)!.size;
      for (let i = 0, at = 0; i < n; i++) {
        let sum = 0;
        for (let c = 0; c < size; c++, at++) sum += v[c]! * top[at]!;
        out[from + i]! += sum;
      }
    }
  }

  return {
    kind: "block",
    scoreUsers(ids, n, out) {
      for (let r = 0; r < n; r++) {
        const row = out.subarray(r * items, (r + 1) * items);
        userRow.set(user.values.subarray(ids[r]! * width, (ids[r]! + 1) * width));
        kernels.gemm({ ...common, m: 1, n: first, a: userRow.subarray(product), b: weight, c: userPart });
        for (let c = 0; c < first; c++) userPart[c]! += layers[0]!.bias[c]!;
        startLogits(row);
        if (layers.length === 1) addShallow(row);
        else addDeep(row);
      }
    },
  };
}
