import { createKernels } from "@kdp/kernels";
import type { Kernels, Parameter, TrainableModel } from "@kdp/plugin-api";
import { beforeAll, describe, expect, it } from "vitest";
import { createOptimiser, type OptimiserSettings } from "./optimiser.js";
import { StepBatch } from "./step-batch.js";
import { trackTouched } from "./touched-rows.js";

let kernels: Kernels;
beforeAll(async () => {
  kernels = await createKernels();
});

const settings = (over: Partial<OptimiserSettings>): OptimiserSettings => ({
  optimizer: "adam",
  learningRate: 0.1,
  weightDecay: 0,
  decoupled: false,
  ...over,
});

function parameter(name: string, values: number[], cols: number, entity?: "user" | "item"): Parameter {
  return {
    name,
    rows: values.length / cols,
    cols,
    init: { kind: "zeros" },
    ...(entity ? { entity } : {}),
    value: kernels.f32From(values),
    grad: kernels.f32(values.length),
  };
}

/** Weights after each of some gradients. */
function follow(over: Partial<OptimiserSettings>, start: number, gradients: number[]): number[] {
  const p = parameter("w", [start], 1);
  const optimiser = createOptimiser(kernels, [p], settings(over));
  return gradients.map((gradient) => {
    p.grad[0] = gradient;
    optimiser.step(null);
    expect(p.grad[0]).toBe(0);
    return p.value[0] as number;
  });
}

/** Adam written out (Kingma & Ba 2015) with coupled or decoupled decay. */
function adamByHand(start: number, gradients: number[], lr: number, wd: number, decoupled: boolean): number[] {
  let [w, m, v] = [start, 0, 0];
  return gradients.map((raw, i) => {
    const t = i + 1;
    const g = raw + (decoupled ? 0 : wd * w);
    m = 0.9 * m + 0.1 * g;
    v = 0.999 * v + 0.001 * g * g;
    if (decoupled) w -= lr * wd * w;
    w -= (lr * (m / (1 - 0.9 ** t))) / (Math.sqrt(v / (1 - 0.999 ** t)) + 1e-8);
    return w;
  });
}

describe("optimisers", () => {
  const gradients = [0.5, -0.25, 2, 0];

  it.each([false, true])("adam, decay decoupled: %s", (decoupled) => {
    const weights = follow({ weightDecay: 0.3, decoupled }, 1, gradients);
    const wanted = adamByHand(1, gradients, 0.1, 0.3, decoupled);
    for (const [i, weight] of weights.entries()) expect(weight).toBeCloseTo(wanted[i] as number, 5);
  });

  it.each([false, true])("adagrad, decay decoupled: %s", (decoupled) => {
    let [w, sum] = [1, 0];
    const wanted = gradients.map((raw) => {
      if (decoupled) w *= 1 - 0.1 * 0.3;
      const g = raw + (decoupled ? 0 : 0.3 * w);
      sum += g * g;
      if (sum > 0) w -= (0.1 * g) / (Math.sqrt(sum) + 1e-10);
      return w;
    });
    const weights = follow({ optimizer: "adagrad", weightDecay: 0.3, decoupled }, 1, gradients);
    for (const [i, weight] of weights.entries()) expect(weight).toBeCloseTo(wanted[i] as number, 5);
  });

  it("sgd", () => {
    // 1 - .1(.5 + .3) = .92; .92 - .1(-.25 + .276) = .9174
    const [first, second] = follow({ optimizer: "sgd", weightDecay: 0.3 }, 1, [0.5, -0.25]);
    expect(first).toBeCloseTo(0.92, 6);
    expect(second).toBeCloseTo(0.9174, 6);
  });

  it("lazy adam leaves rows alone that were not touched, adam decays them", () => {
    const run = (optimizer: "adam" | "lazy_adam") => {
      const users = parameter("user", [1, 1, 1, 1], 2, "user");
      const helper = parameter("helper", [1, 1], 2);
      const optimiser = createOptimiser(kernels, [users, helper], settings({ optimizer, weightDecay: 0.5 }));
      users.grad[2] = 1;
      optimiser.step({ user: kernels.i32From([1]), item: kernels.i32From([]) });
      return { users: Array.from(users.value), helper: Array.from(helper.value) };
    };
    const lazy = run("lazy_adam");
    const dense = run("adam");
    expect(lazy.users.slice(0, 2)).toEqual([1, 1]);
    expect(dense.users[0]).toBeCloseTo(0.9, 5);
    expect(lazy.users.slice(2)).toEqual(dense.users.slice(2));
    // Helpers have no rows per entity: always dense.
    expect(lazy.helper).toEqual(dense.helper);
  });
});

describe("touched rows", () => {
  const model = (over: Partial<TrainableModel> = {}): TrainableModel => ({
    width: { user: 1, item: 1 },
    baseLoss: () => 0,
    rows: () => {},
    addRowGrads: () => {},
    scores: () => {},
    addScoreGrads: () => {},
    scorer: () => ({ kind: "dot", user: kernels.f32(0), item: kernels.f32(0), cols: 1 }),
    ...over,
  });
  const universe = { users: 50, items: 60 };
  function batch() {
    const b = new StepBatch(kernels, universe, 4);
    b.moveTo({
      epoch: 0,
      step: 0,
      users: kernels.i32From([4]),
      positives: kernels.i32From([7]),
      negatives: kernels.i32From([9]),
    });
    return b;
  }
  const rows = (found: ReturnType<ReturnType<typeof trackTouched>["take"]>) =>
    found && { user: Array.from(found.user), item: Array.from(found.item) };

  it("are those of the batch, of row gradients and of both sides of score gradients", () => {
    const { model: tracked, take } = trackTouched(kernels, model(), universe);
    tracked.addRowGrads("user", Int32Array.of(3, 44), 1, new Float32Array(1));
    tracked.addScoreGrads(
      { side: "item", ids: Int32Array.of(8), others: Int32Array.of(20, 30), rows: 1, k: 2 },
      new Float32Array(2),
    );
    expect(rows(take(batch()))).toEqual({ user: [3, 4, 20, 30], item: [7, 8, 9] });
    expect(rows(take(batch()))).toEqual({ user: [4], item: [7, 9] });
  });

  it("are all rows when gradients spread or the accumulators were handed out", () => {
    expect(trackTouched(kernels, model({ spreads: true }), universe).take(batch())).toBeNull();
    const empty = kernels.f32(0);
    const tables = { user: empty, item: empty, dUser: empty, dItem: empty, cols: 1 };
    const { model: tracked, take } = trackTouched(kernels, model({ dot: () => tables }), universe);
    tracked.dot?.();
    expect(take(batch())).toBeNull();
    expect(take(batch())).not.toBeNull();
  });
});
