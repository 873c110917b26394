import type { FittedTables, Kernels, Scorer } from "@kdp/plugin-api";
import type { Workspace } from "../../losses/shared/workspace.js";
import { fittedTable } from "./fitted.js";
import { type PairShape, rowWidth } from "./pair-network.js";

/** Items scored at a time. */
const CHUNK = 1 << 10;
/** Users whose products are formed at a time. */
const BLOCK = 64;

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
  // All buffers are taken here: scoring runs inside scopes of the kernels, which free what is allocated in them.
  const weighted = workspace.f32("weighted", BLOCK * product);
  const products = workspace.f32("products", product > 0 ? BLOCK * items : 0);
  const units = hidden.map((size, l) => workspace.f32(`units ${l}`, CHUNK * size));
  const towerWeight = output.weight.subarray(product);
  const towerPart = workspace.f32("tower part", CHUNK);
  const zero = workspace.i32("zero", 1).fill(0);
  const places = workspace.i32("places", CHUNK);
  for (let i = 0; i < CHUNK; i++) places[i] = i;

  /** The product's part of the logits of some users, `[n, items]`: an inner product once `v_mf ∘ u` is formed. */
  function formProducts(ids: Int32Array, n: number): void {
    for (let r = 0; r < n; r++) {
      const row = ids[r]! * width;
      for (let c = 0; c < product; c++) weighted[r * product + c] = output.weight[c]! * user.values[row + c]!;
    }
    kernels.gemm({ m: n, n: items, k: product, a: weighted, b: itemRows, ldb: width, transB: true, c: products });
  }

  /** Adds the tower's part of the logit of each item, a few items at a time so that their units stay in the cache. */
  function addTower(out: Float32Array): void {
    for (let from = 0; from < items; from += CHUNK) {
      const n = Math.min(CHUNK, items - from);
      const bottom = units[0]!;
      kernels.gatherRows(itemPart.subarray(from * first), first, places, n, bottom);
      kernels.addBias(bottom, userPart, n, first, "relu");
      for (let l = 1; l < layers.length; l++) {
        const { size, weight: w, bias } = layers[l]!;
        kernels.gemm({ m: n, n: size, k: layers[l - 1]!.size, a: units[l - 1]!, b: w, transB: true, c: units[l]! });
        kernels.addBias(units[l]!, bias, n, size, "relu");
      }
      kernels.dotLists(towerWeight, units.at(-1)!, layers.at(-1)!.size, zero, places, 1, n, towerPart);
      for (let i = 0; i < n; i++) out[from + i]! += towerPart[i]!;
    }
  }

  return {
    kind: "block",
    scoreUsers(ids, n, out) {
      for (let r = 0; r < n; r++) {
        const place = r % BLOCK;
        if (place === 0 && product > 0) formProducts(ids.subarray(r), Math.min(BLOCK, n - r));
        const row = out.subarray(r * items, (r + 1) * items);
        row.fill(output.bias);
        if (product > 0) for (let i = 0; i < items; i++) row[i]! += products[place * items + i]!;
        userRow.set(user.values.subarray(ids[r]! * width, (ids[r]! + 1) * width));
        kernels.gemm({ ...common, m: 1, n: first, a: userRow.subarray(product), b: weight, c: userPart });
        for (let c = 0; c < first; c++) userPart[c]! += layers[0]!.bias[c]!;
        addTower(row);
      }
    },
  };
}
