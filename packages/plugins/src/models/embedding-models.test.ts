import type { Interactions, ModelDefinition, Tf } from "@kdp/plugin-api";
import type { Scalar, Tensor2D } from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";
import { batchOf, checkAgainstOracle, modelTrial, type Oracle, rowWiseOracle } from "../../test/support/model-trial.js";
import { loadTf } from "../../test/tensorflow.js";
import { bprmf } from "./bprmf.js";
import { cml } from "./cml.js";
import { lightgcn } from "./lightgcn.js";

/** Four users, five items; user 3 and item 4 have no interaction. */
const world: Interactions = {
  users: 4,
  items: 5,
  offsets: Int32Array.of(0, 3, 5, 7, 7),
  itemIds: Int32Array.of(0, 1, 2, 0, 1, 1, 3),
};
const TRIPLETS = [
  [0, 1, 3],
  [0, 1, 4],
  [2, 3, 0],
  [1, 0, 2],
  [2, 1, 1],
] as const;

let tf: Tf;
beforeAll(async () => {
  tf = await loadTf();
});

async function check(definition: ModelDefinition, params: Record<string, unknown>, spread: number, oracle?: Oracle) {
  const trial = await modelTrial({ definition, params, world, spread });
  const form = trial.instance.rowWise;
  const against = oracle ?? (form && rowWiseOracle(form));
  if (!against) throw new Error("nothing to compare with");
  checkAgainstOracle(tf, trial, against, batchOf(trial.kernels, TRIPLETS), world);
  return trial;
}

describe("bprmf", () => {
  it("agrees with its plain form", async () => {
    await check(bprmf, { dim: 3 }, 60);
  });
});

describe("cml", () => {
  it("agrees with its plain form", async () => {
    await check(cml, { dim: 3, margin: 1.3 }, 0.9);
    await check(cml, { dim: 5, margin: 0.2 }, 1);
  });

  it("counts the hinge of each triplet by hand", async () => {
    const { kernels, model, parameters } = await modelTrial({ definition: cml, params: { dim: 2 }, world });
    parameters.user?.value.set([0, 0]);
    parameters.item?.value.set([0.6, 0, 0, 0.8, 1, 0]);
    // |u-i|² = .36, .64, 1: relu(1 + .36 - .64) = .72; relu(1 + 1 - .36) = 1.64; relu(1 + .36 - 1) = .36
    const batch = batchOf(kernels, [
      [0, 0, 1],
      [0, 2, 0],
      [0, 0, 2],
    ]);
    expect(model.baseLoss(batch, 1)).toBeCloseTo(2.72, 5);
  });

  it("pulls rows back onto the unit ball and leaves those inside", async () => {
    const { kernels, instance, parameters } = await modelTrial({ definition: cml, params: { dim: 2 }, world });
    parameters.user?.value.set([3, 4, 0.3, 0.4, 0, 0, 1, 0]);
    instance.constrain?.(parameters, batchOf(kernels, TRIPLETS));
    const rows = Array.from(parameters.user?.value ?? []);
    const wanted = [0.6, 0.8, 0.3, 0.4, 0, 0, 1, 0];
    for (const [i, x] of rows.entries()) expect(x).toBeCloseTo(wanted[i] as number, 6);
  });
});

describe("lightgcn", () => {
  const PENALTY = 0.3;
  /** The graph as a dense matrix of users and items. */
  const graph = (layers: number) => (t: Tf, p: Readonly<Record<string, Tensor2D>>) => {
    const { user, item } = p;
    if (!user || !item) throw new Error("no tables");
    const n = world.users + world.items;
    const degree = new Array<number>(n).fill(0);
    const edges: [number, number][] = [];
    for (let u = 0; u < world.users; u++) {
      for (const i of world.itemIds.subarray(world.offsets[u], world.offsets[u + 1])) edges.push([u, world.users + i]);
    }
    for (const [u, i] of edges) {
      degree[u]!++;
      degree[i]!++;
    }
    const matrix = new Float32Array(n * n);
    for (const [u, i] of edges) {
      const value = 1 / Math.sqrt(degree[u]! * degree[i]!);
      matrix[u * n + i] = value;
      matrix[i * n + u] = value;
    }
    let layer = t.concat([user, item], 0);
    let sum = layer;
    for (let l = 0; l < layers; l++) {
      layer = t.matMul(t.tensor2d(matrix, [n, n]), layer);
      sum = t.add(sum, layer);
    }
    return t.div(sum, layers + 1) as Tensor2D;
  };
  const oracle = (layers: number): Oracle => {
    const tables = (t: Tf, p: Readonly<Record<string, Tensor2D>>) => {
      const all = graph(layers)(t, p);
      const width = all.shape[1];
      return {
        user: t.slice(all, [0, 0], [world.users, width]),
        item: t.slice(all, [world.users, 0], [world.items, width]),
      };
    };
    const ids = (t: Tf, values: Int32Array) => t.tensor1d(values, "int32");
    return {
      loss(t, p, batch) {
        const { user, item } = tables(t, p);
        const [u, i, j] = [
          t.gather(user, ids(t, batch.users)),
          t.gather(item, ids(t, batch.positives)),
          t.gather(item, ids(t, batch.negatives)),
        ];
        const bpr = t.sum(t.softplus(t.neg(t.sum(t.mul(u, t.sub(i, j)), 1))));
        const zero = [
          t.gather(p.user!, ids(t, batch.users)),
          t.gather(p.item!, ids(t, batch.positives)),
          t.gather(p.item!, ids(t, batch.negatives)),
        ];
        const penalty = t.addN(zero.map((rows) => t.sum(t.square(rows))));
        return t.add(bpr, t.mul(PENALTY / 2, penalty)) as Scalar;
      },
      scores(t, p) {
        const { user, item } = tables(t, p);
        return t.matMul(user, item, false, true);
      },
      rows: (t, p, side) => tables(t, p)[side],
    };
  };

  it.each([0, 1, 2, 3])("agrees with dense propagation through %s layers", async (layers) => {
    await check(lightgcn, { dim: 3, layers, penalty: PENALTY }, 60, oracle(layers));
  });

  it("follows its parameters between steps", async () => {
    const { kernels, model, parameters } = await modelTrial({
      definition: lightgcn,
      params: { dim: 2 },
      world,
      spread: 50,
    });
    const before = kernels.f32(2);
    const after = kernels.f32(2);
    model.rows("user", kernels.i32From([0]), 1, before);
    parameters.user?.value.fill(9);
    model.rows("user", kernels.i32From([0]), 1, after);
    expect(after[0]).not.toBeCloseTo(before[0] as number, 3);
  });
});
