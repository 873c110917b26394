import { createKernels } from "@kdp/kernels";
import type { Batch, Kernels, LearnerOptions, Tf } from "@kdp/plugin-api";
import {
  type LossTrial,
  lossTrial,
  type ReferenceStudent,
  referenceStudent,
  sampleWorld,
} from "@kdp/plugin-api/testing";
import { beforeAll, describe, expect, it } from "vitest";
import { expectFusedAgrees, expectSlopes } from "../../../test/compare.js";
import { loadTf } from "../../../test/tensorflow.js";
import { bd } from "./bd.js";

let tf: Tf;
let kernels: Kernels;
beforeAll(async () => {
  tf = await loadTf();
  kernels = await createKernels();
});

const world = sampleWorld({ users: 10, items: 30, cols: 4 });

/** A trial whose teacher learns by plain gradient descent. */
function trialOf(params: Record<string, unknown> = {}, seed = 0) {
  const embeddings = world.teacher.embeddings;
  const asked: LearnerOptions[] = [];
  const model: ReferenceStudent = referenceStudent(kernels, {
    user: embeddings?.user?.values ?? [],
    item: embeddings?.item?.values ?? [],
    cols: 4,
  });
  const trial = lossTrial({
    tf,
    kernels,
    loss: bd,
    world,
    params: { every: 3, warm_up: 0, ...params },
    seed,
    learner: (_, options) => {
      asked.push(options);
      return {
        model,
        step() {
          const { user, item, dUser, dItem } = model.tables;
          for (let i = 0; i < user.length; i++) user[i] = (user[i] as number) - 0.1 * (dUser[i] as number);
          for (let i = 0; i < item.length; i++) item[i] = (item[i] as number) - 0.1 * (dItem[i] as number);
          model.clearGradients();
        },
      };
    },
  });
  return { trial, teacher: model, asked };
}

const base = world.batch(25);

/** One epoch of a single step, as the engine runs it. */
function run(trial: LossTrial, epoch: number): Batch {
  const negatives = base.negatives.slice();
  trial.startEpoch(epoch);
  trial.instance.drawNegatives?.(base.users, negatives);
  const unique = Int32Array.from(new Set(negatives)).sort();
  const batch: Batch = {
    ...base,
    epoch,
    negatives,
    uniqueNegatives: unique,
    uniqueItems: Int32Array.from(new Set([...base.uniquePositives, ...unique])).sort(),
  };
  trial.step(batch);
  return batch;
}

describe("bd", () => {
  it("has the gradient of its value, and the kernels agree", () => {
    const { trial } = trialOf();
    run(trial, 0);
    expectSlopes(trial);
    expectFusedAgrees(trial);
  });

  it("teaches the student the softened teacher on the very negatives of the step", () => {
    const { trial, teacher } = trialOf();
    const batch = run(trial, 0);
    const score = (model: ReferenceStudent, u: number, i: number) => {
      const { user, item, cols } = model.tables;
      let sum = 0;
      for (let c = 0; c < cols; c++) sum += (user[u * cols + c] as number) * (item[i * cols + c] as number);
      return sum;
    };
    const sigma = (x: number) => 1 / (1 + Math.exp(-x));
    let want = 0;
    for (let t = 0; t < batch.size; t++) {
      const [u, j] = [batch.users[t] as number, batch.negatives[t] as number];
      const q = sigma(score(teacher, u, j) / 5);
      const p = sigma(score(trial.student, u, j));
      want -= q * Math.log(p) + (1 - q) * Math.log(1 - p);
    }
    expect(trial.value()).toBeCloseTo(want, 3);
  });

  it("draws negatives that are not in train, the same throughout a cycle's ranking, others each epoch", () => {
    const { trial } = trialOf();
    const seen: string[] = [];
    for (let epoch = 0; epoch < 4; epoch++) {
      const { users, negatives } = run(trial, epoch);
      seen.push(negatives.join());
      users.forEach((u, t) => {
        const known = world.train.itemIds.subarray(world.train.offsets[u], world.train.offsets[u + 1]);
        expect(known.includes(negatives[t] as number)).toBe(false);
      });
    }
    expect(new Set(seen).size).toBe(4);
  });

  it("trains the teacher after the student's step, with the learner's own optimiser", () => {
    const { trial, teacher, asked } = trialOf({ teacher_learning_rate: 0.02, teacher_weight_decay: 0.5 });
    expect(asked).toEqual([{ learningRate: 0.02, weightDecay: 0.5 }]);
    const before = teacher.tables.user.slice();
    const batch = run(trial, 0);
    expect(teacher.tables.user).toEqual(before);
    trial.instance.afterStep?.(batch);
    expect(teacher.tables.user).not.toEqual(before);
    // Nothing is left over for the next step.
    expect(teacher.tables.dUser.every((d) => d === 0)).toBe(true);
  });

  it("gives the teacher's gradient: its base loss on its own negatives, plus the cross-entropy with the student", () => {
    // teacher_weight 0 leaves the base loss: the difference of the two updates is the cross-entropy's.
    const moved = (teacher_weight: number) => {
      const { trial, teacher } = trialOf({ teacher_weight });
      const before = teacher.tables.item.slice();
      trial.instance.afterStep?.(run(trial, 0));
      return teacher.tables.item.map((v, i) => v - (before[i] as number));
    };
    const [none, half, one] = [moved(0), moved(0.5), moved(1)];
    expect(none.some((d) => d !== 0)).toBe(true);
    expect(one).not.toEqual(none);
    half.forEach((d, i) => {
      expect(d).toBeCloseTo(((none[i] as number) + (one[i] as number)) / 2, 5);
    });
  });

  it("leaves student and teacher alone while it warms up", () => {
    const { trial, teacher } = trialOf({ warm_up: 2 });
    const before = teacher.tables.user.slice();
    const batch = run(trial, 1);
    expect(batch.negatives).toEqual(base.negatives);
    expect(trial.value()).toBe(0);
    expect(trial.fused()?.value).toBe(0);
    trial.instance.afterStep?.(batch);
    expect(teacher.tables.user).toEqual(before);
    expect(run(trial, 2).negatives).not.toEqual(base.negatives);
    expect(trial.value()).toBeGreaterThan(0);
  });

  it("warms up for half of the student's epochs unless told otherwise", () => {
    const { trial } = trialOf({ warm_up: null });
    // The trial's student trains 10 epochs.
    expect(run(trial, 4).negatives).toEqual(base.negatives);
    expect(run(trial, 5).negatives).not.toEqual(base.negatives);
  });

  it("goes on from a carry within a cycle as if nothing had happened", () => {
    const whole = trialOf().trial;
    const wanted = [0, 1, 2].map((epoch) => run(whole, epoch).negatives);
    const first = trialOf().trial;
    run(first, 0);
    const second = trialOf().trial;
    second.instance.restore?.(first.instance.carry?.() ?? {});
    expect(run(second, 1).negatives).toEqual(wanted[1]);
    expect(run(second, 2).negatives).toEqual(wanted[2]);
    expect(second.value()).toBe(whole.value());
    expect(() => second.instance.restore?.({})).toThrow(/checkpoint/);
  });

  it("refuses an engine that cannot let the teacher learn", () => {
    expect(() => lossTrial({ tf, kernels, loss: bd, world })).toThrow(/learn/);
  });
});
