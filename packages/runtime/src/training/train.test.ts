import type { LossDefinition, LossInstance, ModelDefinition } from "@kdp/plugin-api";
import plugin from "@kdp/plugins";
import type { Scalar } from "@tensorflow/tfjs-core";
import { describe, expect, it } from "vitest";
import {
  lessonLoss,
  MemoryCheckpoints,
  savingPauses,
  tasteAccuracy,
  tasteWorld,
  trial,
} from "../../test/support/training.js";
import { RuntimeFault } from "../faults.js";
import { createPauses } from "./pauses.js";

const bprmf = plugin.models?.bprmf as ModelDefinition;
const world = tasteWorld();
const student = { model: bprmf, params: { dim: 8 }, world };

/** A loss that pulls rows to zero, carries a counter through restarts, and draws from its stream each epoch. */
function pullingLoss(form: "plain" | "fused", calls: string[] = []): LossDefinition {
  return {
    doc: "",
    needs: [],
    teachers: "one",
    studentNeeds: [],
    params: {},
    create({ streams, kernels }): LossInstance {
      let epochs = 0;
      let factor = 0;
      return {
        state: [{ name: "scale", rows: 1, cols: 1, init: { kind: "uniform", bound: 1 } }],
        startEpoch(epoch) {
          calls.push(`start ${epoch}`);
          epochs++;
          factor = streams.stream("sampling", epoch).uniform() + epochs;
        },
        request: (batch) => ({ rows: { user: batch.uniqueUsers } }),
        loss({ tf, student: rows, state }) {
          const user = rows.user;
          const scale = state.scale;
          if (!user || !scale) throw new Error("missing");
          return tf.mul(factor, tf.mul(tf.sum(tf.square(user)), tf.square(tf.sum(scale)))) as Scalar;
        },
        ...(form === "fused"
          ? {
              fused: {
                cpu({ batch, student: model, state, weight }) {
                  const scale = state.scale;
                  if (!scale) throw new Error("missing");
                  const s = scale.value[0] ?? 0;
                  const ids = batch.uniqueUsers;
                  return kernels.scope(() => {
                    const rows = kernels.f32(ids.length * model.width.user);
                    model.rows("user", ids, ids.length, rows);
                    const squares = rows.reduce((sum, x) => sum + x * x, 0);
                    for (let i = 0; i < rows.length; i++) rows[i] = 2 * weight * factor * s * s * (rows[i] ?? 0);
                    model.addRowGrads("user", ids, ids.length, rows);
                    scale.grad[0] = (scale.grad[0] ?? 0) + 2 * weight * factor * squares * s;
                    return batch.step % 2 === 0 ? factor * squares * s * s : null;
                  });
                },
              },
            }
          : {}),
        carry: () => ({ epochs: Int32Array.of(epochs) }),
        restore: (carry) => {
          epochs = carry.epochs?.[0] ?? 0;
        },
      };
    },
  };
}

const lesson = (form: "plain" | "fused", baseWeight = 1) => ({
  baseWeight,
  losses: [lessonLoss(pullingLoss(form), "pull", 0, 0.01)],
});

const bytes = (tables: Readonly<Record<string, { values: Float32Array }>>) =>
  Object.values(tables).map(({ values }) =>
    Buffer.from(values.buffer, values.byteOffset, values.byteLength).toString("hex"),
  );

describe("training", () => {
  it("learns", async () => {
    const { tables, instance, kernels, trained } = await trial({ ...student, settings: { epochs: 20 } });
    expect(tasteAccuracy(instance.scorer(tables), kernels, world)).toBeGreaterThan(0.95);
    const base = trained.curve.filter(({ key }) => key === "loss/base").map(({ value }) => value);
    expect(base).toHaveLength(20);
    expect(base[0]).toBeGreaterThan(0.6);
    expect(base.at(-1)).toBeLessThan(0.3);
  });

  it("gives its memory back, also when it fails", async () => {
    const { kernels } = await trial(student);
    const before = kernels.bytesInUse;
    await trial({ ...student, session: { kernels } });
    expect(kernels.bytesInUse).toBe(before);
    const failing = {
      ...student,
      session: { kernels },
      settings: { optimiser: { optimizer: "sgd", learningRate: 1e30, weightDecay: 0, decoupled: false } },
    } as const;
    await expect(trial(failing)).rejects.toThrow();
    expect(kernels.bytesInUse).toBe(before);
  });

  it("is the same to the bit each time, another with another seed", async () => {
    const [a, b, c] = await Promise.all([trial(student), trial(student), trial({ ...student, settings: { seed: 1 } })]);
    expect(bytes(a.tables)).toEqual(bytes(b.tables));
    expect(bytes(a.tables)).not.toEqual(bytes(c.tables));
  });

  it("starts plain and distilled students alike and shows them the same triplets", async () => {
    const plain = await trial({ ...student, settings: { epochs: 1 } });
    const silent = { baseWeight: 1, losses: [{ ...lessonLoss(pullingLoss("fused"), "pull", 0, 0) }] };
    const distilled = await trial({ ...student, settings: { epochs: 1 }, lesson: silent });
    expect(bytes(distilled.tables)).toEqual(bytes(plain.tables));
  });

  it("computes the plain form of a loss as the fused one", async () => {
    const plain = await trial({ ...student, lesson: lesson("plain") });
    const fused = await trial({ ...student, lesson: lesson("fused") });
    for (const [name, { values }] of Object.entries(plain.tables)) {
      const other = fused.tables[name]?.values ?? [];
      for (const [i, value] of values.entries()) expect(Math.abs(value - (other[i] ?? 0))).toBeLessThan(2e-4);
    }
    expect(plain.trained.curve.some(({ key, value }) => key === "loss/pull" && value > 0)).toBe(true);
  });

  it("leaves the own loss out at base weight 0", async () => {
    const { trained } = await trial({ ...student, lesson: lesson("fused", 0) });
    expect(new Set(trained.curve.map(({ key }) => key))).toEqual(new Set(["loss/pull"]));
  });

  it("works with every optimiser, in plain form, and with several negatives", async () => {
    for (const optimizer of ["lazy_adam", "adagrad", "sgd"] as const) {
      const optimiser = {
        optimizer,
        learningRate: optimizer === "lazy_adam" ? 0.05 : 0.3,
        weightDecay: 1e-4,
        decoupled: false,
      };
      const { tables, instance, kernels } = await trial({
        ...student,
        settings: { epochs: 40, optimiser, negatives: 2 },
        session: { forms: "plain" },
      });
      expect(tasteAccuracy(instance.scorer(tables), kernels, world)).toBeGreaterThan(0.9);
    }
  });
});

describe("restart", () => {
  it.each(["plain", "fused"] as const)("from any checkpoint gives identical bytes (%s loss)", async (form) => {
    const setup = {
      ...student,
      lesson: lesson(form),
      settings: { epochs: 8, snapshots: 3, earlyStop: "m", patience: 3 },
    };
    // A metric that rises, falls, and would stop the training after epoch 8.
    const validation = () => {
      const values = [0.1, 0.2, 0.4, 0.3, 0.5, 0.2, 0.1, 0.1];
      return {
        every: 1,
        stopping: { watched: [{ metric: "m", higherIsBetter: true }], chosen: "m", patience: 3 },
        evaluate: () => ({ m: values[validated++ % values.length] as number }),
      };
    };
    let validated = 0;
    const checkpoints = new MemoryCheckpoints();
    const whole = await trial({ ...setup, session: { checkpoints, validation: validation() } });
    expect(whole.trained.epochs).toBe(5);
    expect(checkpoints.saved).toHaveLength(8);
    for (const [i, saved] of checkpoints.saved.entries()) {
      validated = i + 1;
      const resumed = await trial({
        ...setup,
        session: { checkpoints: new MemoryCheckpoints(saved), validation: validation() },
      });
      expect(resumed.events[0]).toEqual({ type: "resumed", epoch: i + 1 });
      expect(bytes(resumed.tables)).toEqual(bytes(whole.tables));
      expect(resumed.trained).toEqual(whole.trained);
      expect(resumed.ranking).toEqual(whole.ranking);
    }
  });

  it("from bytes of another training begins anew", async () => {
    const other = new MemoryCheckpoints();
    await trial({ ...student, params: { dim: 4 }, session: { checkpoints: other } });
    const whole = await trial(student);
    for (const saved of [other.saved[2] as Uint8Array, Uint8Array.of(1, 2, 3), new Uint8Array(0)]) {
      const { tables, events } = await trial({ ...student, session: { checkpoints: new MemoryCheckpoints(saved) } });
      expect(bytes(tables)).toEqual(bytes(whole.tables));
      expect(events[0]?.type).toBe("epoch");
    }
  });
});

describe("validation", () => {
  const values = [0.1, 0.5, 0.5, 0.2, 0.3];
  const validation = (every = 1, patience = 3) => {
    let next = 0;
    return {
      every,
      stopping: { watched: [{ metric: "m", higherIsBetter: true }], chosen: "m", patience },
      evaluate: () => ({ m: values[next++] as number }),
    };
  };

  it("keeps the weights of the best epoch", async () => {
    const { tables, trained } = await trial({
      ...student,
      settings: { epochs: 5 },
      session: { validation: validation() },
    });
    const two = await trial({ ...student, settings: { epochs: 2 } });
    expect(bytes(tables)).toEqual(bytes(two.tables));
    expect(trained).toMatchObject({ epochs: 2, trainedEpochs: 5 });
    expect(trained.curve.filter(({ key }) => key === "valid/m").map(({ epoch }) => epoch)).toEqual([1, 2, 3, 4, 5]);
  });

  it("without a rule records the curve and keeps the last epoch", async () => {
    const { tables, trained, events } = await trial({
      ...student,
      settings: { epochs: 5 },
      session: { validation: { ...validation(2), stopping: null } },
    });
    expect(bytes(tables)).toEqual(bytes((await trial({ ...student, settings: { epochs: 5 } })).tables));
    expect(trained.curve.filter(({ key }) => key === "valid/m").map(({ epoch }) => epoch)).toEqual([2, 4, 5]);
    expect(events.filter(({ type }) => type === "epoch")).toHaveLength(5);
    expect(events.at(-1)).toMatchObject({ epoch: 5, epochs: 5, valid: { m: 0.5 } });
  });
});

describe("best epochs of several metrics", () => {
  const [a, b] = [
    [0.1, 0.3, 0.2, 0.2, 0.2, 0.2],
    [0.5, 0.4, 0.4, 0.6, 0.1, 0.1],
  ] as const;
  const watched = ["a", "b"].map((metric) => ({ metric, higherIsBetter: true }));
  const validation = (chosen: string | null, patience: number | null) => {
    let next = -1;
    const evaluate = () => {
      next++;
      return { a: a[next] as number, b: b[next] as number };
    };
    return { every: 1, stopping: { watched, chosen, patience }, evaluate };
  };

  it("are kept beside the model, and any of them resets patience", async () => {
    const { trained, tables } = await trial({ ...student, session: { validation: validation("a", 2) } });
    expect(trained.trainedEpochs).toBe(6);
    expect(trained.epochs).toBe(2);
    expect(Object.fromEntries(Object.entries(trained.kept).map(([key, { epochs }]) => [key, epochs]))).toEqual({
      a: 2,
      b: 4,
    });
    const four = await trial({ ...student, settings: { epochs: 4 } });
    expect(trained.kept.b?.parameters.user).toEqual(four.tables.user?.values);
    expect(trained.kept.a?.parameters.user).toEqual(tables.user?.values);
  });

  it("are kept without stopping early as well", async () => {
    const { trained, tables } = await trial({ ...student, session: { validation: validation(null, null) } });
    expect(trained).toMatchObject({ epochs: 6, trainedEpochs: 6, kept: { a: { epochs: 2 }, b: { epochs: 4 } } });
    expect(bytes(tables)).toEqual(bytes((await trial(student)).tables));
  });
});

describe("faults", () => {
  it("KDP8001 when training diverges, with term, epoch and what to do", async () => {
    const optimiser = { optimizer: "sgd", learningRate: 1e6, weightDecay: 1e-3, decoupled: false } as const;
    const error = await trial({ ...student, settings: { optimiser, epochs: 50 } }).catch((e: unknown) => e);
    expect(error).toBeInstanceOf(RuntimeFault);
    const { code, kind, message, place, fix } = (error as RuntimeFault).data;
    expect({ code, kind, place }).toEqual({ code: "KDP8001", kind: "run", place: "student" });
    expect(message).toMatch(/^the loss "base" became (NaN|Infinity) in epoch \d+, step \d+: training diverged$/);
    expect(fix).toContain("lower learning_rate (now 1000000), for example to 0.001");
  });

  it("KDP8001 when a loss stays finite far above the untrained model's, plainly and distilled, resumed or not", async () => {
    const optimiser = { optimizer: "adam", learningRate: 1e6, weightDecay: 1e-3, decoupled: false } as const;
    const settings = { optimiser, epochs: 50 };
    const faultOf = async (more: Partial<Parameters<typeof trial>[0]>) => {
      const error = await trial({ ...student, settings, ...more }).catch((e: unknown) => e);
      expect(error).toBeInstanceOf(RuntimeFault);
      return (error as RuntimeFault).data;
    };
    const checkpoints = new MemoryCheckpoints();
    const plain = await faultOf({ session: { checkpoints, pauses: savingPauses() } });
    expect(plain).toMatchObject({
      code: "KDP8001",
      message: expect.stringMatching(
        /^the loss is \d.*e\+\d+ after epoch 3, that of the untrained model was 0\.69: training diverged$/,
      ),
      fix: "lower learning_rate (now 1000000), for example to 0.001",
    });
    // After each of the two epochs that it was given; what the untrained model lost is remembered.
    expect(checkpoints.saved).toHaveLength(2);
    const again = new MemoryCheckpoints(checkpoints.saved.at(-1));
    expect(await faultOf({ session: { checkpoints: again, pauses: savingPauses() } })).toEqual(plain);
    const taught = await faultOf({ lesson: lesson("fused") });
    expect(taught.fix).toBe("lower learning_rate (now 1000000), for example to 0.001, or the weights of the losses");
    expect((await faultOf({ settings: { optimiser, epochs: 1 } })).message).toContain("after epoch 1,");
  });

  it("names the loss that diverged, and its weight", async () => {
    const broken: LossDefinition = {
      ...pullingLoss("plain"),
      create: () => ({ request: () => ({}), loss: ({ tf }) => tf.scalar(Number.NaN) }),
    };
    const error = await trial({
      ...student,
      lesson: { baseWeight: 1, losses: [lessonLoss(broken, "broken", 0, 0.5)] },
    }).catch((e: unknown) => e);
    expect((error as RuntimeFault).data.message).toContain('the loss "broken" became NaN in epoch 1, step 1');
    expect((error as RuntimeFault).data.fix).toContain("the weight of broken (now 0.5)");
  });

  it("KDP7107 when no positive has a negative; users without one are counted", async () => {
    const full = { users: 1, items: 2, offsets: Int32Array.of(0, 2), itemIds: Int32Array.of(0, 1) };
    const error = await trial({ ...student, world: full }).catch((e: unknown) => e);
    expect((error as RuntimeFault).data).toMatchObject({ code: "KDP7107", kind: "user" });
    const partly = { users: 2, items: 2, offsets: Int32Array.of(0, 2, 3), itemIds: Int32Array.of(0, 1, 0) };
    const { notes } = await trial({ ...student, world: partly });
    expect(notes).toEqual([expect.stringContaining("1 of 2 users interacted with all 2 items")]);
  });
});

describe("abort", () => {
  const reason = new Error("SIGTERM");
  /** Aborts while epoch 3 runs; the clock stands still, so that the rest of the epoch seems to take no time, or a minute a step. */
  function aborting(minutesPerStep: number) {
    const controller = new AbortController();
    let time = 0;
    const pauses = createPauses({
      signal: controller.signal,
      saveEvery: Number.POSITIVE_INFINITY,
      grace: 2000,
      turn: Number.POSITIVE_INFINITY,
      now: () => (time += minutesPerStep * 60_000),
    });
    const checkpoints = new MemoryCheckpoints();
    const emit = (event: { type: string; epoch?: number }) => {
      if (event.type === "epoch" && event.epoch === 2) controller.abort(reason);
    };
    return { checkpoints, run: trial({ ...student, session: { checkpoints, pauses, emit } }) };
  }

  it("saves at the end of the epoch and throws the reason", async () => {
    const { run, checkpoints } = aborting(0);
    await expect(run).rejects.toBe(reason);
    expect(checkpoints.saved).toHaveLength(1);
    const resumed = await trial({ ...student, session: { checkpoints: new MemoryCheckpoints(checkpoints.saved[0]) } });
    expect(resumed.events[0]).toEqual({ type: "resumed", epoch: 2 });
    expect(bytes(resumed.tables)).toEqual(bytes((await trial(student)).tables));
  });

  it("does not wait for the end of a long epoch", async () => {
    const controller = new AbortController();
    let time = 0;
    const pauses = createPauses({
      signal: controller.signal,
      saveEvery: Number.POSITIVE_INFINITY,
      grace: 2000,
      turn: Number.POSITIVE_INFINITY,
      now: () => {
        time += 60_000;
        return time;
      },
    });
    controller.abort(reason);
    const checkpoints = new MemoryCheckpoints();
    await expect(trial({ ...student, session: { checkpoints, pauses } })).rejects.toBe(reason);
    expect(checkpoints.saved).toHaveLength(0);
  });

  it("lets signals in while it computes", async () => {
    const controller = new AbortController();
    const pauses = createPauses({ ...{ saveEvery: 1e9, grace: 0, turn: 0 }, signal: controller.signal, now: () => 0 });
    setImmediate(() => controller.abort(reason));
    await expect(trial({ ...student, settings: { epochs: 10_000 }, session: { pauses } })).rejects.toBe(reason);
  });

  it("saves every so often", async () => {
    const checkpoints = new MemoryCheckpoints();
    await trial({ ...student, session: { checkpoints, pauses: savingPauses() } });
    expect(checkpoints.saved).toHaveLength(6);
  });
});
