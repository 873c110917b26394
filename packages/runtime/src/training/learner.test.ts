import type { FittedTables, Kernels, LossDefinition, LossInstance, ModelDefinition } from "@kdp/plugin-api";
import plugin from "@kdp/plugins";
import { describe, expect, it } from "vitest";
import { lessonLoss, MemoryCheckpoints, tasteAccuracy, tasteWorld, trial } from "../../test/support/training.js";
import type { LearnableTeacher } from "./learner.js";

const bprmf = plugin.models?.bprmf as ModelDefinition;
const world = tasteWorld();

/** The teacher goes on learning by its own loss; the student's rows are pulled to where the teacher's are in each step. */
const together: LossDefinition = {
  doc: "",
  needs: [],
  teachers: "one",
  studentNeeds: [],
  learningTeacher: true,
  params: {},
  create({ learner, kernels }): LossInstance {
    const teacher = learner?.(0, { learningRate: 0.05, weightDecay: 1e-3 });
    if (!teacher) throw new Error("no learner");
    return {
      request: () => ({}),
      loss: () => {
        throw new Error("fused only");
      },
      fused: {
        cpu({ batch, student, weight }) {
          teacher.model.beginStep?.(batch);
          const value = teacher.model.baseLoss(batch, 1);
          teacher.model.endStep?.();
          teacher.step(batch);
          const ids = batch.uniqueUsers;
          kernels.scope(() => {
            const [own, far] = [kernels.f32(8 * ids.length), kernels.f32(8 * ids.length)];
            student.rows("user", ids, ids.length, own);
            teacher.model.rows("user", ids, ids.length, far);
            for (let i = 0; i < own.length; i++) own[i] = 2 * weight * ((own[i] as number) - (far[i] as number));
            student.addRowGrads("user", ids, ids.length, own);
          });
          return value;
        },
      },
    };
  },
};

/** A teacher that has learned nothing yet, with the kernels that it lives on. */
async function untrained(): Promise<LearnableTeacher & { readonly kernels: Kernels }> {
  const made = await trial({ model: bprmf, params: { dim: 8 }, world, settings: { epochs: 1, seed: 9 } });
  const blank: FittedTables = Object.fromEntries(
    Object.entries(made.tables).map(([name, table]) => [name, { ...table, values: table.values.map((x) => x / 1e3) }]),
  );
  return { name: "t", instance: made.instance, tables: blank, kernels: made.kernels };
}

const lessonOf = (learnable: readonly (LearnableTeacher | null)[]) => ({
  baseWeight: 0,
  losses: [{ ...lessonLoss(together, "together", 0, 5), teachers: [{ name: "t" }], learnable }],
});

const taught = (teacher: LearnableTeacher & { readonly kernels: Kernels }, checkpoints = new MemoryCheckpoints()) =>
  trial({
    model: bprmf,
    params: { dim: 8 },
    world,
    settings: { epochs: 25 },
    lesson: lessonOf([teacher]),
    session: { checkpoints, kernels: teacher.kernels },
  });

describe("a teacher that learns beside its student", () => {
  it("learns on a copy: the student follows, the teacher's tables stay as they are", async () => {
    const teacher = await untrained();
    const before = Object.values(teacher.tables).map(({ values }) => Array.from(values));
    const { trained, tables } = await taught(teacher);
    const curve = trained.curve.filter(({ key }) => key === "loss/together").map(({ value }) => value);
    expect(curve[0]).toBeGreaterThan(0.6);
    expect(curve.at(-1)).toBeLessThan(0.3);
    expect(Object.values(teacher.tables).map(({ values }) => Array.from(values))).toEqual(before);
    // The student's users stand where a teacher that has learned tastes has them: those of one taste together.
    const user = tables.user?.values ?? new Float32Array(0);
    const item = Float32Array.from(
      { length: 8 * world.items },
      (_, at) => user[(Math.floor(at / 8) % 4) * 8 + (at % 8)] ?? 0,
    );
    const { kernels } = await trial({ model: bprmf, params: { dim: 8 }, world, settings: { epochs: 1 } });
    expect(tasteAccuracy({ kind: "dot", user, item, cols: 8 }, kernels, world)).toBeGreaterThan(0.9);
  });

  it("is part of the checkpoint", async () => {
    const teacher = await untrained();
    const checkpoints = new MemoryCheckpoints();
    const whole = await taught(teacher, checkpoints);
    const resumed = await taught(teacher, new MemoryCheckpoints(checkpoints.saved[11]));
    expect(resumed.events[0]).toEqual({ type: "resumed", epoch: 12 });
    expect(resumed.tables.user?.values).toEqual(whole.tables.user?.values);
    expect(resumed.trained.curve).toEqual(whole.trained.curve);
  });

  it("must be a model trained by gradient, with the tables that it says", async () => {
    const teacher = await untrained();
    const run = (learnable: LearnableTeacher | null) =>
      trial({ model: bprmf, params: { dim: 8 }, world, lesson: lessonOf([learnable]) });
    await expect(run(null)).rejects.toThrow("together trains its teacher, but t is not trained by gradient");
    await expect(run({ ...teacher, tables: {} })).rejects.toThrow('t has no table "user" of 24 x 8');
    const { fused: _, ...plainOnly } = teacher.instance;
    await expect(run({ ...teacher, instance: plainOnly })).rejects.toThrow("no fused form");
  });
});
