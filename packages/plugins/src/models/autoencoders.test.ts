import type { Interactions, ModelDefinition, Side, Tf } from "@kdp/plugin-api";
import { testStreams } from "@kdp/plugin-api/testing";
import type { Scalar, Tensor, Tensor2D } from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";
import { batchOf, checkAgainstOracle, expectClose, modelTrial, type Oracle } from "../../test/support/model-trial.js";
import { loadTf } from "../../test/tensorflow.js";
import { cdae } from "./cdae.js";
import { itemAe } from "./item-ae.js";
import { multiVae } from "./multi-vae.js";

/** Four users, five items; user 3 and item 4 have no interaction. */
const world: Interactions = {
  users: 4,
  items: 5,
  offsets: Int32Array.of(0, 3, 5, 7, 7),
  itemIds: Int32Array.of(0, 1, 2, 0, 1, 1, 3),
};
/** All positives of users 0 and 2, twice as for two negatives. */
const USER_ROWS = [
  [0, 0, 3],
  [0, 0, 4],
  [0, 1, 3],
  [0, 1, 3],
  [0, 2, 4],
  [0, 2, 3],
  [2, 1, 0],
  [2, 1, 2],
  [2, 3, 4],
  [2, 3, 0],
] as const;
/** All positives of items 0, 1 and 3. */
const ITEM_ROWS = [
  [0, 0, 3],
  [1, 0, 4],
  [0, 1, 4],
  [1, 1, 2],
  [2, 1, 0],
  [2, 3, 4],
] as const;

let tf: Tf;
beforeAll(async () => {
  tf = await loadTf();
});

type Tensors = Readonly<Record<string, Tensor2D>>;
const of = (p: Tensors, name: string): Tensor2D => p[name] ?? expect.fail(`no parameter ${name}`);

/** The 0/1 matrix whose rows are users or items. */
function matrix(side: Side): number[][] {
  const rows = Array.from({ length: world.users }, (_, u) => {
    const row = new Array<number>(world.items).fill(0);
    for (const i of world.itemIds.subarray(world.offsets[u], world.offsets[u + 1])) row[i] = 1;
    return row;
  });
  if (side === "user") return rows;
  return Array.from({ length: world.items }, (_, i) => rows.map((row) => row[i] as number));
}

async function trialOf(definition: ModelDefinition, params: Record<string, unknown>) {
  const trial = await modelTrial({ definition, params, world });
  for (const { name, value } of Object.values(trial.parameters)) {
    if (name.endsWith("bias")) for (let i = 0; i < value.length; i++) value[i] = 0.3 * Math.cos(i);
  }
  return trial;
}

describe.each([
  ["multi_vae", multiVae, "user", USER_ROWS],
  ["item_ae", itemAe, "item", ITEM_ROWS],
] as const)("%s", (_, definition, side, rows) => {
  const BETA = 0.4;
  /** Logits `[rows, columns]` and the divergence of each row, all rows of the matrix. */
  function forward(t: Tf, p: Tensors, hidden: readonly number[], noise: Tensor2D | null) {
    const latent = hidden.at(-1) as number;
    const x = matrix(side).map((row) => {
      const norm = Math.sqrt(row.reduce((a, b) => a + b, 0));
      return row.map((value) => (norm > 0 ? value / norm : 0));
    });
    let units: Tensor = t.add(t.matMul(t.tensor2d(x), of(p, "encoder.0.weight")), of(p, "encoder.0.bias"));
    for (let l = 1; l < hidden.length; l++) {
      units = t.matMul(t.tanh(units), of(p, `encoder.${l}.weight`), false, true);
      units = t.add(units, of(p, `encoder.${l}.bias`));
    }
    const [n] = units.shape as [number, number];
    const mean = t.slice(units, [0, 0], [n, latent]);
    const logVariance = t.slice(units, [0, latent], [n, latent]);
    const z = noise ? t.add(mean, t.mul(t.exp(t.mul(0.5, logVariance)), noise)) : mean;
    const divergence = t.sum(t.mul(0.5, t.sub(t.add(t.exp(logVariance), t.square(mean)), t.add(1, logVariance))), 1);
    let top: Tensor = z;
    for (let l = 0; l < hidden.length - 1; l++) {
      top = t.tanh(t.add(t.matMul(top, of(p, `decoder.${l}.weight`), false, true), of(p, `decoder.${l}.bias`)));
    }
    const bias = t.transpose(of(p, "output.bias"));
    return { logits: t.add(t.matMul(top, of(p, "output.weight"), false, true), bias) as Tensor2D, divergence };
  }

  /** Noise that the model draws for the rows of a step, laid out over all rows. */
  function noiseOf(t: Tf, ids: Int32Array, all: number, latent: number): Tensor2D {
    const drawn = new Float32Array(ids.length * latent);
    testStreams("model").stream("sampling", 0).fillNormal(drawn, 1);
    const laid = new Float32Array(all * latent);
    ids.forEach((id, r) => {
      laid.set(drawn.subarray(r * latent, (r + 1) * latent), id * latent);
    });
    return t.tensor2d(laid, [all, latent]);
  }

  const oracle = (hidden: readonly number[]): Oracle => ({
    loss(t, p, batch) {
      const ids = side === "user" ? batch.uniqueUsers : batch.uniquePositives;
      const target = t.tensor2d(matrix(side));
      const noise = noiseOf(t, ids, target.shape[0], hidden.at(-1) as number);
      const { logits, divergence } = forward(t, p, hidden, noise);
      const fit = t.neg(t.sum(t.mul(target, t.logSoftmax(logits)), 1));
      const each = t.add(fit, t.mul(BETA, divergence));
      return t.sum(t.gather(each, t.tensor1d(ids, "int32"))) as Scalar;
    },
    scores(t, p) {
      const { logits } = forward(t, p, hidden, null);
      return side === "user" ? logits : t.transpose(logits);
    },
  });

  it.each([[[4, 3]], [[3]], [[5, 4, 2]]])("agrees with the plain network, layers %s", async (hidden) => {
    const trial = await trialOf(definition, { hidden, dropout: 0, beta: BETA, anneal_epochs: 0 });
    checkAgainstOracle(tf, trial, oracle(hidden), batchOf(trial.kernels, rows), world);
  });

  it("lets the divergence in with the epochs", async () => {
    const trial = await trialOf(definition, { hidden: [4, 2], dropout: 0, beta: BETA, anneal_epochs: 4 });
    const batch = batchOf(trial.kernels, rows);
    const at = (epoch: number) => {
      // Noise differs by epoch, so the latent space is made certain.
      trial.parameters["encoder.1.bias"]?.value.fill(-60, 2);
      trial.model.beginStep?.({ ...batch, epoch });
      return trial.model.baseLoss({ ...batch, epoch }, 0);
    };
    const [none, half, whole, after] = [at(0), at(2), at(4), at(9)] as [number, number, number, number];
    expect(half - none).toBeGreaterThan(1);
    expectClose([half - none, after], [(whole - none) / 2, whole], "annealing", 1e-5);
  });

  it("drops inputs anew in each epoch, and keeps what it draws from its streams", async () => {
    const losses = async (dropout: number) => {
      const trial = await trialOf(definition, { hidden: [4, 2], dropout, anneal_epochs: 4 });
      trial.parameters["encoder.1.bias"]?.value.fill(-60, 2);
      const batch = batchOf(trial.kernels, rows);
      return [0, 1, 2, 0].map((epoch) => {
        trial.model.beginStep?.({ ...batch, epoch });
        return trial.model.baseLoss({ ...batch, epoch: 0 }, 0);
      });
    };
    const [still, dropped] = [await losses(0), await losses(0.5)];
    expectClose(still, new Array(4).fill(still[0]), "without dropout", 1e-5);
    expect(new Set(dropped.map((x) => x.toFixed(3))).size).toBeGreaterThan(1);
    expect(dropped[3]).toBe(dropped[0]);
  });
});

describe("cdae", () => {
  const activations = {
    relu: (t: Tf, x: Tensor) => t.relu(x),
    sigmoid: (t: Tf, x: Tensor) => t.sigmoid(x),
    tanh: (t: Tf, x: Tensor) => t.tanh(x),
  };
  const oracle = (activation: keyof typeof activations): Oracle => ({
    scores(t, p) {
      const sum = t.add(t.matMul(t.tensor2d(matrix("user")), of(p, "encoder.weight")), of(p, "user"));
      const units = activations[activation](t, t.add(sum, of(p, "encoder.bias")));
      return t.add(t.matMul(units, of(p, "output.weight"), false, true), t.transpose(of(p, "output.bias")));
    },
    loss(t, p, batch) {
      const logits = t.reshape(this.scores(t, p), [-1]);
      const at = (items: Int32Array, every: number) =>
        t.gather(
          logits,
          t.tensor1d(
            Array.from(items, (i, r) => (batch.users[r] as number) * world.items + i).filter((_, r) => r % every === 0),
            "int32",
          ),
        );
      const ones = t.sum(t.softplus(t.neg(at(batch.positives, 2))));
      return t.add(ones, t.sum(t.softplus(at(batch.negatives, 1)))) as Scalar;
    },
  });

  it.each(["relu", "sigmoid", "tanh"] as const)("agrees with the plain network, %s", async (activation) => {
    const trial = await trialOf(cdae, { dim: 3, noise: 0, activation, negatives: 2 });
    checkAgainstOracle(tf, trial, oracle(activation), batchOf(trial.kernels, USER_ROWS), world);
  });
});
