import type * as tfc from "@tensorflow/tfjs-core";
import type { Batch } from "../batch.js";
import type { Interactions } from "../interactions.js";
import type { Kernels } from "../kernels.js";
import type {
  ClosedFormInstance,
  FittedTables,
  ModelDefinition,
  ModelInstance,
  RowWiseForm,
  Tf,
  TrainableModel,
} from "../model.js";
import type { Parameter } from "../parameters.js";
import { trainingParams } from "../training.js";
import { initialise } from "./initialise.js";
import type { Outcome } from "./loss-trial.js";
import { resolveParams } from "./resolve-params.js";
import { testStream, testStreams } from "./test-streams.js";

/** A model on parameters of its own. */
export interface ModelTrial {
  readonly instance: ModelInstance;
  readonly parameters: Readonly<Record<string, Parameter>>;
  readonly tables: FittedTables;
  /** The kernel form; null for a model that has the plain one only. */
  readonly model: TrainableModel | null;
}

export const isClosedForm = (instance: ModelInstance | ClosedFormInstance): instance is ClosedFormInstance =>
  "fit" in instance;

/** Binds a model to its arguments and data. */
export function createModel(
  definition: ModelDefinition,
  kernels: Kernels,
  train: Interactions,
  params: Readonly<Record<string, unknown>>,
): ModelInstance | ClosedFormInstance {
  const schemas = definition.trained ? { ...trainingParams, ...definition.params } : definition.params;
  return definition.create({
    params: resolveParams(schemas, params),
    users: train.users,
    items: train.items,
    train,
    streams: testStreams("model"),
    kernels,
  } as unknown as Parameters<ModelDefinition["create"]>[0]);
}

/** @param spread standard deviation that parameters start with: the model's own start is often too near to 0 to tell */
export function modelTrial(instance: ModelInstance, kernels: Kernels, spread = 0.4): ModelTrial {
  const parameters = Object.fromEntries(
    instance.parameters.map((spec): [string, Parameter] => {
      const stream = testStream(spec.name);
      const parameter = initialise(spec, kernels, stream);
      stream.fillNormal(parameter.value, spread);
      return [spec.name, parameter];
    }),
  );
  const tables = Object.fromEntries(
    Object.entries(parameters).map(([name, { rows, cols, value }]) => [name, { rows, cols, values: value }]),
  );
  return { instance, parameters, tables, model: instance.fused?.cpu(parameters) ?? null };
}

/** Base loss of a step by the kernel form. */
export function fusedBaseLoss({ model, parameters }: ModelTrial, batch: Batch): Outcome {
  if (!model) throw new Error("the model has no kernel form");
  for (const { grad } of Object.values(parameters)) grad.fill(0);
  model.beginStep?.(batch);
  const value = model.baseLoss(batch, 1);
  model.endStep?.();
  return {
    value,
    gradients: Object.fromEntries(Object.entries(parameters).map(([name, { grad }]) => [name, grad.slice()])),
  };
}

/** The same by the plain form. */
export function plainBaseLoss(tf: Tf, form: RowWiseForm, { parameters }: ModelTrial, batch: Batch): Outcome {
  const names = Object.keys(parameters);
  return tf.tidy(() => {
    const xs = Object.values(parameters).map(({ value, rows, cols }) => tf.tensor2d(value.slice(), [rows, cols]));
    const rows = (name: string, ids: Int32Array) => {
      const table = xs[names.indexOf(name)];
      if (!table) throw new Error(`the row-wise form names the table "${name}", which is no parameter`);
      return tf.gather(table, tf.tensor1d(ids, "int32"));
    };
    const { user, item } = form.tables;
    const f = () =>
      form.baseLoss({
        tf,
        user: rows(user, batch.users),
        positive: rows(item, batch.positives),
        negative: rows(item, batch.negatives),
        dense: Object.fromEntries(names.map((name, i) => [name, xs[i] as tfc.Tensor2D])),
      });
    const { value, grads } = tf.engine().gradients(f, xs, undefined, true);
    const found: readonly (tfc.Tensor | null)[] = grads;
    return {
      value: value.dataSync()[0] as number,
      gradients: Object.fromEntries(
        names.map((name, i) => [
          name,
          Float32Array.from(found[i]?.dataSync<"float32">() ?? new Float32Array(xs[i]?.size ?? 0)),
        ]),
      ),
    };
  });
}
