import type { Interactions, ModelDefinition, Tf } from "@kdp/plugin-api";
import { beforeAll, describe, expect, it } from "vitest";
import { batchOf, checkAgainstOracle, modelTrial, rowWiseOracle } from "../../test/support/model-trial.js";
import { loadTf } from "../../test/tensorflow.js";
import { mlp } from "./mlp.js";
import { neumf } from "./neumf.js";
import { halving } from "./shared/pair-network.js";

const world: Interactions = {
  users: 4,
  items: 5,
  offsets: Int32Array.of(0, 3, 5, 7, 7),
  itemIds: Int32Array.of(0, 1, 2, 0, 1, 1, 3),
};

let tf: Tf;
beforeAll(async () => {
  tf = await loadTf();
});

/** Parameters far enough from zero that every unit matters, biases included. */
async function trialOf(definition: ModelDefinition, params: Record<string, unknown>) {
  const trial = await modelTrial({ definition, params, world });
  for (const { name, value } of Object.values(trial.parameters)) {
    for (let i = 0; i < value.length; i++) {
      if (name === "user" || name === "item") value[i]! *= 70;
      if (name.endsWith("bias")) value[i] = 0.2 * Math.cos(i);
    }
  }
  return trial;
}

describe.each([
  ["mlp", mlp, { dim: 4, layers: 1 }],
  ["mlp, three layers", mlp, { dim: 6, layers: 3 }],
  ["neumf", neumf, { dim: 3, layers: 1 }],
  ["neumf, two layers", neumf, { dim: 4, layers: 2, part: "mlp" }],
  ["neumf, both parts", neumf, { dim: 3, layers: 1, part: "concat" }],
] as const)("%s", (_, definition, params) => {
  it("agrees with its plain form", async () => {
    const trial = await trialOf(definition, params);
    const form = trial.instance.rowWise;
    if (!form) throw new Error("no plain form");
    const batch = batchOf(trial.kernels, [
      [0, 1, 3],
      [0, 1, 4],
      [2, 3, 0],
      [1, 0, 2],
    ]);
    checkAgainstOracle(tf, trial, rowWiseOracle(form), batch, world);
  });
});

describe("pair network", () => {
  it("halves its layers", () => {
    expect(halving(64, 3)).toEqual([64, 32, 16]);
    expect(halving(3, 4)).toEqual([3, 1, 1, 1]);
  });

  it("scores many pairs in stretches as it scores few", async () => {
    const { kernels, model } = await trialOf(neumf, { dim: 3 });
    const rows = 3;
    const k = 7000;
    const others = kernels.i32From(Int32Array.from({ length: rows * k }, (_, i) => i % world.items));
    const many = kernels.f32(rows * k);
    const few = kernels.f32(rows * world.items);
    const ids = kernels.i32From([2, 0, 1]);
    model.scores({ side: "user", ids, others, rows, k }, many);
    const first = kernels.i32From(Int32Array.from({ length: rows * world.items }, (_, i) => i % world.items));
    model.scores({ side: "user", ids, others: first, rows, k: world.items }, few);
    for (let at = 0; at < many.length; at++) {
      const [r, item] = [Math.floor(at / k), at % world.items];
      // Rows of a product may be added in another order at the edge of a block.
      expect(Math.abs(many[at]! - few[r * world.items + item]!)).toBeLessThan(1e-5);
    }
  });

  it("shows latent losses the columns of the chosen part", async () => {
    for (const [part, from, to] of [
      ["mf", 0, 3],
      ["mlp", 3, 6],
      ["concat", 0, 6],
    ] as const) {
      const { instance, parameters } = await trialOf(neumf, { dim: 3, part });
      const { rows, cols, value } = parameters.user!;
      const tables = { user: { rows, cols, values: value }, item: { rows: 0, cols, values: new Float32Array(0) } };
      const seen = instance.embeddings(tables).user;
      expect(seen?.cols).toBe(to - from);
      expect(Array.from(seen?.values.subarray(0, to - from) ?? [])).toEqual(Array.from(value.subarray(from, to)));
    }
  });
});
