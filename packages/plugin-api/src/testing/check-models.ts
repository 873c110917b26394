import type { Interactions } from "../interactions.js";
import type { Kernels } from "../kernels.js";
import { sizeOf } from "../memory.js";
import type { ModelDefinition, ScoreList, Tf } from "../model.js";
import { trainingParams } from "../training.js";
import { ConformanceError, check, checkFinite, checkSameGradients, checkSameValue } from "./check.js";
import { checkSlopes } from "./check-slopes.js";
import { allScoresOf } from "./fitted-scores.js";
import { KernelBatch } from "./kernel-batch.js";
import { createModel, fusedBaseLoss, isClosedForm, type ModelTrial, modelTrial, plainBaseLoss } from "./model-trial.js";
import { resolveParams } from "./resolve-params.js";
import { sampleWorld } from "./sample-world.js";

/** What the kit should know of a model. */
export interface ModelNotes {
  /** Arguments for the trials; choose small ones. Default: all defaults. */
  readonly params?: Readonly<Record<string, unknown>>;
  /** False for a model whose base loss draws noise at every call, so that it has no slope to measure. Default true. */
  readonly slopes?: boolean;
  /** How far kernel and TensorFlow.js forms may differ, relative to the largest entry; default 1e-4. */
  readonly tolerance?: number;
}

export interface ModelSetting {
  readonly tf: Tf;
  readonly kernels: Kernels;
  readonly model: ModelDefinition;
  readonly notes: ModelNotes;
}

export interface ModelCheck {
  readonly title: string;
  /** False for a model that the check has nothing to say of; default: always. */
  applies?(model: ModelDefinition, notes: ModelNotes): boolean;
  run(setting: ModelSetting): void;
}

const world = sampleWorld({ users: 9, items: 16, perUser: 3 });

const create = ({ model, kernels, notes }: ModelSetting) =>
  createModel(model, kernels, world.train, notes.params ?? {});

/** A model that trains by gradient, on random parameters. */
function trained(setting: ModelSetting): ModelTrial {
  const instance = create(setting);
  if (isClosedForm(instance))
    throw new ConformanceError("it declares trained: true, but its instance has no parameters");
  return modelTrial(instance, setting.kernels);
}

const declared: ModelCheck = {
  title: "creates what it declares",
  run(setting) {
    const { model } = setting;
    const instance = create(setting);
    check(isClosedForm(instance) !== model.trained, `trained: ${model.trained}, but its instance says otherwise`);
    check(model.trained || !model.student, "a model in closed form cannot be a student");
    if (isClosedForm(instance)) return;
    const names = instance.parameters.map(({ name }) => name);
    check(new Set(names).size === names.length, `two parameters share a name: ${names}`);
    for (const { name, rows, cols } of instance.parameters) check(rows > 0 && cols > 0, `${name} is ${rows} x ${cols}`);
    check(Boolean(instance.rowWise ?? instance.fused), "the model has neither a row-wise nor a fused form");
  },
};

/** Large enough that the parts of a model which no user or item has a row of weigh little. */
const CROWD = { users: 3000, items: 2000 } as const;
const SIZE_TOLERANCE = 0.1;

/** One interaction of each user. */
const crowded = (): Interactions => ({
  ...CROWD,
  offsets: Int32Array.from({ length: CROWD.users + 1 }, (_, user) => user),
  itemIds: Int32Array.from({ length: CROWD.users }, (_, user) => user % CROWD.items),
});

const sized: ModelCheck = {
  title: "has about as many parameters as its memory facts say",
  applies: ({ memory }) => memory?.parameters !== undefined,
  run({ model, kernels, notes }) {
    const train = crowded();
    const params = resolveParams({ ...trainingParams, ...model.params }, notes.params ?? {});
    const instance = createModel(model, kernels, train, notes.params ?? {});
    const tables = isClosedForm(instance) ? Object.values(instance.fit()) : instance.parameters;
    const real = tables.reduce((sum, { rows, cols }) => sum + rows * cols, 0);
    const sizes = { ...CROWD, interactions: train.itemIds.length };
    const told = sizeOf(model.memory?.parameters ?? [], sizes, params);
    check(told !== null, "memory.parameters has no value for these arguments");
    check(
      Math.abs((told ?? 0) - real) <= SIZE_TOLERANCE * real,
      `it has ${real} parameters, memory.parameters says ${told}`,
    );
  },
};

const differentiable: ModelCheck = {
  title: "has the gradient of its base loss",
  applies: ({ trained }, { slopes }) => trained && slopes !== false,
  run(setting) {
    const trial = trained(setting);
    const batch = new KernelBatch(setting.kernels, world.batch(8));
    const { rowWise } = trial.instance;
    const evaluate = () =>
      trial.model || !rowWise ? fusedBaseLoss(trial, batch) : plainBaseLoss(setting.tf, rowWise, trial, batch);
    checkSlopes({
      value: () => evaluate().value ?? Number.NaN,
      tables: Object.fromEntries(Object.entries(trial.parameters).map(([name, { value }]) => [name, value])),
      gradients: evaluate().gradients,
      tolerance: 3e-2,
    });
  },
};

const formsAgree: ModelCheck = {
  title: "computes the same by kernels as by TensorFlow.js, where it has both",
  applies: ({ trained }, { slopes }) => trained && slopes !== false,
  run(setting) {
    const trial = trained(setting);
    const { rowWise } = trial.instance;
    if (!trial.model || !rowWise) return;
    const tolerance = setting.notes.tolerance ?? 1e-4;
    const batch = new KernelBatch(setting.kernels, world.batch(8));
    const plain = plainBaseLoss(setting.tf, rowWise, trial, batch);
    const fused = fusedBaseLoss(trial, batch);
    checkSameValue(fused.value ?? Number.NaN, plain.value ?? 0, tolerance, "base loss");
    checkSameGradients(fused.gradients, plain.gradients, tolerance);
  },
};

const scoresAgree: ModelCheck = {
  title: "scores listed pairs as it scores everything, while it trains and after",
  run(setting) {
    const { kernels, notes, model } = setting;
    const { users, items } = world;
    const instance = create(setting);
    if (isClosedForm(instance)) {
      checkFinite(allScoresOf(kernels, instance.scorer(instance.fit()), users, items), "the scores");
      return;
    }
    const trial = modelTrial(instance, kernels);
    const scorer = instance.scorer(trial.tables);
    check(!model.factors || scorer.kind === "dot", "a model that declares factors scores by their inner product");
    const after = allScoresOf(kernels, scorer, users, items);
    checkFinite(after, "the scores");
    if (!trial.model) return;
    trial.model.beginStep?.(new KernelBatch(kernels, world.batch(8)));
    const list: ScoreList = {
      side: "user",
      ids: kernels.i32From([0, users - 1]),
      others: kernels.i32From([2, 0, items - 1, 1, 1, 3]),
      rows: 2,
      k: 3,
    };
    const listed = kernels.f32(6);
    trial.model.scores(list, listed);
    const during = allScoresOf(kernels, trial.model.scorer(), users, items);
    const tolerance = notes.tolerance ?? 1e-4;
    for (let at = 0; at < 6; at++) {
      const pair = (list.ids[Math.floor(at / 3)] as number) * items + (list.others[at] as number);
      // Noise of training (dropout) is in the listed scores, never in the scorers'.
      if (notes.slopes !== false)
        checkSameValue(listed[at] as number, during[pair] as number, tolerance, "listed score");
      checkSameValue(after[pair] as number, during[pair] as number, tolerance, "score of the fitted model");
    }
  },
};

const represents: ModelCheck = {
  title: "has the representations that it declares, as wide as it says",
  applies: ({ trained, views }) => trained && views.includes("embeddings"),
  run(setting) {
    const trial = trained(setting);
    const embeddings = trial.instance.embeddings(trial.tables);
    check(Boolean(embeddings.user ?? embeddings.item), "it declares embeddings and has none");
    for (const [side, count] of [
      ["user", world.users],
      ["item", world.items],
    ] as const) {
      const table = embeddings[side];
      const width = trial.model?.width[side];
      if (!table) continue;
      check(table.values.length === count * table.cols, `the ${side} representations are not ${count} rows`);
      checkFinite(table.values, `the ${side} representations`);
      check(
        width === undefined || width === table.cols,
        `${side} rows are ${width} wide in training, ${table.cols} after`,
      );
    }
  },
};

/** All checks of a model. */
export const modelChecks: readonly ModelCheck[] = [
  declared,
  sized,
  differentiable,
  formsAgree,
  scoresAgree,
  represents,
];
