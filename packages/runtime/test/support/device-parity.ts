import { createKernels } from "@kdp/kernels";
import type { Kernels, LossDefinition, ModelDefinition, ModelInstance } from "@kdp/plugin-api";
import type { LoadedDevice } from "@kdp/plugin-api/device";
import { resolveParams, sampleWorld } from "@kdp/plugin-api/testing";
import plugin from "@kdp/plugins";
import { describe, expect, it } from "vitest";
import { createStreams, lossFamily } from "../../src/random/streams.js";
import type { LessonLoss } from "../../src/training/bind-losses.js";
import type { LearnableTeacher } from "../../src/training/learner.js";
import type { TrainedModel } from "../../src/training/session.js";
import { MemoryCheckpoints, SETTINGS, type Trial, trial } from "./training.js";

export interface DeviceUnderTest {
  /** As it stands in the names of the tests. */
  readonly name: string;
  load(): Promise<LoadedDevice>;
  /** Largest difference of a parameter to the CPU's, as a share of the largest movement of the training. */
  readonly tolerance: number;
}

const world = sampleWorld({ users: 20, items: 60, cols: 8, ranking: 40 });
const train = world.train;

/** Arguments that make small sizes meaningful, and random draws that both sides can share. */
const LOSS_ARGUMENTS: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  de: { experts: 4 },
  htd: { groups: 5 },
  phr: { weight: 1e-2 },
  bd: { warm_up: 1, every: 1 },
  hetcomp: { top: 10, compare: 5, every: 1, base_loss: true },
  unkd: { pairs: 6 },
};

/** Arguments of models: small, and away from the flat start of tiny initial weights. */
const MODEL_ARGUMENTS: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  bprmf: { dim: 4 },
  cml: { dim: 4 },
  neumf: { dim: 4 },
  mlp: { dim: 4 },
  lightgcn: { dim: 4, layers: 2, penalty: 0.01 },
  cdae: { dim: 4, negatives: 2 },
  multi_vae: { hidden: [12, 4] },
  item_ae: { hidden: [12, 4] },
};

export const TRAINABLE = Object.entries(plugin.models ?? {}).flatMap(([name, { trained }]) => (trained ? [name] : []));
export const LOSSES = Object.keys(plugin.losses ?? {});

function modelOf(name: string): Pick<Trial, "model" | "params"> {
  const model = plugin.models?.[name] as ModelDefinition;
  return { model, params: resolveParams(model.params, MODEL_ARGUMENTS[name] ?? {}) };
}

/** A teacher that can go on learning in the memory of `kernels`, for BD. */
async function learnable(kernels: Kernels): Promise<LearnableTeacher> {
  const taught = await trial({
    ...modelOf("bprmf"),
    world: train,
    settings: { epochs: 3, seed: 5 },
    session: { kernels },
  });
  return { name: "teacher", instance: taught.instance, tables: taught.tables };
}

async function lessonOf(name: string, kernels: Kernels): Promise<LessonLoss> {
  const definition = plugin.losses?.[name] as LossDefinition;
  const schema = definition.params;
  const params = resolveParams(schema, LOSS_ARGUMENTS[name] ?? {});
  const teachers = definition.teachers === "many" ? world.teachers : [world.teacher];
  return {
    name,
    definition,
    params: params as LessonLoss["params"],
    teachers,
    streams: createStreams(0, lossFamily(name, 0)),
    ...(definition.learningTeacher ? { learnable: [await learnable(kernels)] } : {}),
  };
}

/** Values of all tables, one after the other. */
const flat = ({ tables }: TrainedModel): readonly number[] =>
  Object.values(tables).flatMap(({ values }) => Array.from(values));

const worst = (a: readonly number[], b: readonly number[]): number =>
  a.reduce((most, value, i) => Math.max(most, Math.abs(value - (b[i] as number))), 0);

/** What a student is taught. */
interface Taught {
  readonly baseWeight: number;
  readonly losses: readonly string[];
}

/** Trains on the CPU's kernels, or on a device. */
async function run(options: Omit<Trial, "world" | "lesson">, taught: Taught | null, session: Trial["session"] = {}) {
  const kernels = await createKernels();
  const losses = await Promise.all((taught?.losses ?? []).map((name) => lessonOf(name, kernels)));
  const lesson = taught && { baseWeight: taught.baseWeight, losses };
  return trial({ ...options, world: train, lesson, session: { kernels, ...session } });
}

/** Trains on the CPU's kernels and on the device from the same start, and compares. */
async function compare(
  device: LoadedDevice,
  { lesson = null, ...options }: Omit<Trial, "world" | "lesson"> & { readonly lesson?: Taught | null },
) {
  const start = await startOf(options);
  const cpu = await run(options, lesson);
  const there = await run(options, lesson, { device });
  const [from, a, b] = [start, flat(cpu), flat(there)];
  expect(b.length).toBe(a.length);
  expect(b.every(Number.isFinite)).toBe(true);
  const moved = worst(a, from);
  expect(moved).toBeGreaterThan(0);
  return { moved, difference: worst(a, b) / moved, cpu, there };
}

/** Parameters before the first step. */
async function startOf({ model, params, settings }: Omit<Trial, "world" | "lesson">): Promise<readonly number[]> {
  const still = { optimizer: "sgd", learningRate: 0, weightDecay: 0, decoupled: false } as const;
  return flat(await trial({ model, params, world: train, settings: { ...settings, epochs: 1, optimiser: still } }));
}

/** Plain gradient steps: a difference in a gradient shows as it is, where Adam would turn noise into sign changes. */
const PLAIN_STEPS = { optimizer: "sgd", learningRate: 0.02, weightDecay: 1e-3, decoupled: false } as const;
const SETTING = { epochs: 2, batch: 64, optimiser: PLAIN_STEPS } as const;

/** Every built-in loss and trainable model on a device, against the CPU device. */
export function describeDevice({ name, load, tolerance }: DeviceUnderTest): void {
  describe(`training on ${name} as on the CPU's kernels`, () => {
    it.each(TRAINABLE)("the model %s", async (model) => {
      const { difference, cpu, there } = await compare(await load(), { ...modelOf(model), settings: SETTING });
      expect(difference).toBeLessThan(tolerance);
      const curves = [cpu, there].map(({ trained }) => trained.curve.map(({ key }) => key));
      expect(curves[1]).toEqual(curves[0]);
      there.trained.curve.forEach(({ value }, i) => {
        const expected = cpu.trained.curve[i]?.value ?? 0;
        expect(Math.abs(value - expected)).toBeLessThan(Math.max(1, Math.abs(expected)) * tolerance);
      });
    });

    it.each(LOSSES)("the loss %s", async (loss) => {
      const lesson = { baseWeight: 1, losses: [loss] };
      const device = await load();
      const { difference, there } = await compare(device, { ...modelOf("bprmf"), settings: SETTING, lesson });
      expect(difference).toBeLessThan(tolerance);
      expect(there.trained.curve.some(({ key, value }) => key === `loss/${loss}` && value !== 0)).toBe(true);
    });

    it.each(["adam", "lazy_adam", "adagrad", "sgd"] as const)("the optimiser %s", async (optimizer) => {
      const rate = { adam: 0.01, lazy_adam: 0.01, adagrad: 0.05, sgd: 0.05 }[optimizer];
      for (const decoupled of [false, true]) {
        // One loss with helpers of its own, one without.
        const lesson = { baseWeight: 1, losses: [decoupled ? "rrd" : "hint"] };
        const optimiser = { optimizer, learningRate: rate, weightDecay: 1e-2, decoupled };
        const { difference } = await compare(await load(), {
          ...modelOf("bprmf"),
          lesson,
          settings: { ...SETTING, optimiser },
        });
        expect(difference).toBeLessThan(optimizer.endsWith("adam") ? 10 * tolerance : tolerance);
      }
    });

    it("two losses that ask for everything, on a student that is not row-wise", async () => {
      const lesson = { baseWeight: 0.5, losses: ["cd", "hetcomp"] };
      for (const model of ["lightgcn", "multi_vae", "cdae"]) {
        const { difference } = await compare(await load(), { ...modelOf(model), settings: SETTING, lesson });
        expect(difference).toBeLessThan(tolerance);
      }
    });

    it("goes on from a checkpoint to the same result, and on the CPU too", async () => {
      const device = await load();
      const lesson = { baseWeight: 1, losses: ["cd", "hint"] };
      const optimiser = { ...SETTINGS.optimiser, learningRate: 0.01 };
      const options = { ...modelOf("bprmf"), settings: { ...SETTING, epochs: 3, optimiser } };
      const checkpoints = new MemoryCheckpoints();
      const whole = flat(await run(options, lesson, { device, checkpoints }));
      expect(checkpoints.saved).toHaveLength(3);
      for (const where of [device, null]) {
        const saved = checkpoints.saved[1] as Uint8Array;
        const rest = await run(options, lesson, { device: where, checkpoints: new MemoryCheckpoints(saved) });
        expect(rest.events[0]).toEqual({ type: "resumed", epoch: 2 });
        expect(worst(flat(rest), whole)).toBeLessThan(0.01 * 10 * tolerance);
      }
    });

    it("leaves nothing on the device, whether it ends or fails", async () => {
      const device = await load();
      const lesson = { baseWeight: 1, losses: ["hint", "rrd"] };
      const options = { ...modelOf("bprmf"), settings: SETTING };
      await run(options, lesson, { device });
      const { numTensors, numDataBuffers } = device.tf.memory();
      await run(options, lesson, { device });
      const wild = { ...SETTING, optimiser: { ...PLAIN_STEPS, learningRate: 1e30 } };
      await expect(run({ ...options, settings: wild }, lesson, { device })).rejects.toMatchObject({
        data: { code: "KDP8001" },
      });
      expect(device.tf.memory()).toMatchObject({ numTensors, numDataBuffers });
    });

    it("shows samplers the student as it is after each epoch", async () => {
      const lesson = { baseWeight: 1, losses: ["dcd"] };
      const settings = { ...SETTING, snapshots: 2 };
      const { there, cpu } = await compare(await load(), { ...modelOf("cml"), settings, lesson });
      expect(there.ranking?.ids).toEqual(cpu.ranking?.ids);
      expect(there.trained.snapshots.map(({ ranking }) => ranking.ids)).toEqual(
        cpu.trained.snapshots.map(({ ranking }) => ranking.ids),
      );
    });

    it("refuses a model without a form for it before the first step", async () => {
      const { model, params } = modelOf("cml");
      const create = model.create.bind(model);
      const bare: ModelDefinition = {
        ...model,
        create: (context) => {
          const { rowWise: _, ...rest } = create(context) as ModelInstance;
          return rest;
        },
      };
      const kernels = await createKernels();
      const before = kernels.bytesInUse;
      await expect(
        trial({ model: bare, params, world: train, session: { device: await load(), kernels } }),
      ).rejects.toMatchObject({ data: { code: "KDP8011", message: expect.stringContaining("plain form") } });
      expect(kernels.bytesInUse).toBe(before);
    });
  });
}
