import { createKernels } from "@kdp/kernels";
import type {
  Batch,
  Interactions,
  Kernels,
  ModelDefinition,
  ModelInstance,
  Parameter,
  RowWiseForm,
  ScoreList,
  Scorer,
  Side,
  Tf,
  TrainableModel,
} from "@kdp/plugin-api";
import { initialise, resolveParams, testStream, testStreams } from "@kdp/plugin-api/testing";
import type { Scalar, Tensor, Tensor2D } from "@tensorflow/tfjs-core";
import { expect } from "vitest";

type Tensors = Readonly<Record<string, Tensor2D>>;

/** A model written once more, as plainly as possible, over whole tables. */
export interface Oracle {
  loss(tf: Tf, parameters: Tensors, batch: Batch): Scalar;
  /** `[users, items]` */
  scores(tf: Tf, parameters: Tensors): Tensor2D;
  /** Representations `[n, width]`. */
  rows?(tf: Tf, parameters: Tensors, side: Side): Tensor2D;
}

export interface ModelTrial {
  readonly kernels: Kernels;
  readonly instance: ModelInstance;
  readonly parameters: Readonly<Record<string, Parameter>>;
  readonly model: TrainableModel;
}

export interface TrialOptions {
  readonly definition: ModelDefinition;
  readonly params?: Readonly<Record<string, unknown>>;
  readonly world: Interactions;
  /** Factor on the initial parameters, so that the test is not at a point where everything is nearly 0. */
  readonly spread?: number;
}

/** The fused form of a model on parameters of its own. */
export async function modelTrial({ definition, params, world, spread = 1 }: TrialOptions): Promise<ModelTrial> {
  const kernels = await createKernels();
  const instance = definition.create({
    params: resolveParams(definition.params, params ?? {}) as Parameters<ModelDefinition["create"]>[0]["params"],
    users: world.users,
    items: world.items,
    train: world,
    streams: testStreams("model"),
    kernels,
  }) as ModelInstance;
  const parameters = Object.fromEntries(
    instance.parameters.map((spec): [string, Parameter] => {
      const parameter = initialise(spec, kernels, testStream(spec.name));
      for (let i = 0; i < parameter.value.length; i++) parameter.value[i] = (parameter.value[i] as number) * spread;
      return [spec.name, parameter];
    }),
  );
  if (!instance.fused) throw new Error("the model has no fused form");
  return { kernels, instance, parameters, model: instance.fused.cpu(parameters) };
}

/** A row-wise form read as an oracle. */
export function rowWiseOracle(form: RowWiseForm): Oracle {
  const rowsOf = (t: Tf, table: Tensor2D | undefined, ids: Int32Array): Tensor2D => {
    if (!table) throw new Error("the form names a table that is not a parameter");
    return t.gather(table, t.tensor1d(ids, "int32"));
  };
  const dense = (p: Tensors) =>
    Object.fromEntries(Object.entries(p).filter(([name]) => name !== form.tables.user && name !== form.tables.item));
  return {
    loss: (t, p, batch) =>
      form.baseLoss({
        tf: t,
        user: rowsOf(t, p[form.tables.user], batch.users),
        positive: rowsOf(t, p[form.tables.item], batch.positives),
        negative: rowsOf(t, p[form.tables.item], batch.negatives),
        dense: dense(p),
      }),
    scores(t, p) {
      const [user, item] = [p[form.tables.user], p[form.tables.item]];
      const [users, items] = [user?.shape[0] ?? 0, item?.shape[0] ?? 0];
      const pairs = users * items;
      const scores = form.scores({
        tf: t,
        user: rowsOf(
          t,
          user,
          Int32Array.from({ length: pairs }, (_, i) => Math.floor(i / items)),
        ),
        item: rowsOf(
          t,
          item,
          Int32Array.from({ length: pairs }, (_, i) => i % items),
        ),
        dense: dense(p),
      });
      return t.reshape(scores, [users, items]);
    },
    rows(t, p, side) {
      const table = p[form.tables[side]];
      if (!table) throw new Error("no such table");
      const [from, to] = form.representation?.[side] ?? [0, table.shape[1]];
      return t.slice(table, [0, from], [table.shape[0], to - from]);
    },
  };
}

/** A step's batch of given triplets, in kernel memory. */
export function batchOf(kernels: Kernels, triplets: readonly (readonly [number, number, number])[]): Batch {
  const column = (c: 0 | 1 | 2) => triplets.map((row) => row[c]);
  const distinct = (ids: readonly number[]) => kernels.i32From([...new Set(ids)].sort((a, b) => a - b));
  return {
    epoch: 0,
    step: 0,
    size: triplets.length,
    users: kernels.i32From(column(0)),
    positives: kernels.i32From(column(1)),
    negatives: kernels.i32From(column(2)),
    uniqueUsers: distinct(column(0)),
    uniquePositives: distinct(column(1)),
    uniqueNegatives: distinct(column(2)),
    uniqueItems: distinct([...column(1), ...column(2)]),
  };
}

/** Gradients that a step left, and clears them. */
function takeGradients({ parameters }: ModelTrial): Record<string, Float32Array> {
  return Object.fromEntries(
    Object.entries(parameters).map(([name, { grad }]) => {
      const taken = Float32Array.from(grad);
      grad.fill(0);
      return [name, taken];
    }),
  );
}

/** Value and gradients of a function of all parameters. */
function differentiated(tf: Tf, trial: ModelTrial, f: (p: Tensors) => Tensor) {
  const names = Object.keys(trial.parameters);
  return tf.tidy(() => {
    const xs = Object.values(trial.parameters).map(({ value, rows, cols }) =>
      tf.tensor2d(Float32Array.from(value), [rows, cols]),
    );
    const named = (ts: readonly Tensor[]) => Object.fromEntries(names.map((name, i) => [name, ts[i] as Tensor2D]));
    const { value, grads } = tf.engine().gradients(() => tf.sum(f(named(xs))), xs, undefined, true);
    const found: readonly (Tensor | null)[] = grads;
    const gradients = Object.fromEntries(
      names.map((name, i) => [
        name,
        Float32Array.from(found[i]?.dataSync<"float32">() ?? new Float32Array(xs[i]?.size ?? 0)),
      ]),
    );
    return { value: value.dataSync()[0] as number, gradients };
  });
}

export function expectClose(
  actual: ArrayLike<number>,
  wanted: ArrayLike<number>,
  what: string,
  tolerance = 2e-5,
): void {
  expect(actual.length, what).toBe(wanted.length);
  let worst = 0;
  for (let i = 0; i < wanted.length; i++) {
    const [a, b] = [actual[i] as number, wanted[i] as number];
    worst = Math.max(worst, Math.abs(a - b) / (1 + Math.abs(b)));
  }
  expect(worst, `${what}: largest relative difference`).toBeLessThan(tolerance);
}

function expectGradients(
  actual: Record<string, Float32Array>,
  wanted: Record<string, Float32Array>,
  what: string,
): void {
  for (const [name, values] of Object.entries(wanted))
    expectClose(actual[name] ?? [], values, `${what}, gradient of ${name}`);
}

/** One step of a model: what the terms do between its beginning and its end. */
function inStep(model: TrainableModel, batch: Batch, terms: () => void): void {
  model.beginStep?.(batch);
  terms();
  model.endStep?.();
}

/** The scores of all pairs that a scorer gives, `[users, items]`, asked for inside a scope as rankings do. */
export function allScores(
  kernels: Kernels,
  scorer: Scorer,
  world: Pick<Interactions, "users" | "items">,
): Float32Array {
  const { users, items } = world;
  const scores = () =>
    kernels.scope(() => {
      const out = kernels.f32(users * items);
      const ids = kernels.i32From(Int32Array.from({ length: users }, (_, u) => u));
      if (scorer.kind === "block") scorer.scoreUsers(ids, users, out);
      else {
        const every = kernels.i32From(Int32Array.from({ length: users * items }, (_, i) => i % items));
        const [user, item] = [kernels.f32From(scorer.user), kernels.f32From(scorer.item)];
        kernels.dotLists(user, item, scorer.cols, ids, every, users, items, out);
      }
      return Float32Array.from(out);
    });
  const [first, before] = [scores(), kernels.bytesInUse];
  expect(scores()).toEqual(first);
  expect(kernels.bytesInUse).toBe(before);
  return first;
}

/**
 * Compares the fused form with an oracle: loss and gradient on a batch, scores of lists of both sides with their gradients,
 * representations with theirs, and the scores of all pairs while training and after.
 */
export function checkAgainstOracle(tf: Tf, trial: ModelTrial, oracle: Oracle, batch: Batch, world: Interactions): void {
  const { kernels, model, instance, parameters } = trial;
  const plain = differentiated(tf, trial, (p) => tf.mul(0.7, oracle.loss(tf, p, batch)));
  let value = 0;
  inStep(model, batch, () => {
    value = model.baseLoss(batch, 0.7);
  });
  expectClose([value], [plain.value / 0.7], "loss");
  expectGradients(takeGradients(trial), plain.gradients, "loss");

  const lists: ScoreList[] = [
    { side: "user", ids: kernels.i32From([1, 0]), others: kernels.i32From([2, 0, 2, 1, 3, 0]), rows: 2, k: 3 },
    { side: "item", ids: kernels.i32From([3, 1]), others: kernels.i32From([0, 2, 1, 1]), rows: 2, k: 2 },
  ];
  for (const list of lists) {
    const n = list.rows * list.k;
    const dy = Float32Array.from({ length: n }, (_, i) => Math.cos(i + 1));
    const pairs = Int32Array.from({ length: n }, (_, i) => {
      const [own, other] = [list.ids[Math.floor(i / list.k)] as number, list.others[i] as number];
      return list.side === "user" ? own * world.items + other : other * world.items + own;
    });
    const listed = (p: Tensors) => tf.gather(tf.reshape(oracle.scores(tf, p), [-1]), tf.tensor1d(pairs, "int32"));
    const wanted = differentiated(tf, trial, (p) => tf.mul(listed(p), tf.tensor1d(dy)));
    const out = kernels.f32(n);
    inStep(model, batch, () => {
      model.scores(list, out);
      model.addScoreGrads(list, kernels.f32From(dy));
    });
    expectClose(
      [out.reduce((sum, s, i) => sum + s * (dy[i] as number), 0)],
      [wanted.value],
      `scores of side ${list.side}`,
    );
    expectGradients(takeGradients(trial), wanted.gradients, `scores of side ${list.side}`);
  }

  for (const side of ["user", "item"] as const) {
    const width = model.width[side];
    if (!oracle.rows || width === 0) continue;
    const ids = [2, 0, 2];
    const dy = Float32Array.from({ length: ids.length * width }, (_, i) => Math.sin(i + 2));
    const rows = oracle.rows;
    const wanted = differentiated(tf, trial, (p) =>
      tf.mul(tf.gather(rows(tf, p, side), tf.tensor1d(ids, "int32")), tf.tensor2d(dy, [ids.length, width])),
    );
    const out = kernels.f32(dy.length);
    inStep(model, batch, () => {
      model.rows(side, kernels.i32From(ids), ids.length, out);
      model.addRowGrads(side, kernels.i32From(ids), ids.length, kernels.f32From(dy));
    });
    expectClose([out.reduce((sum, x, i) => sum + x * (dy[i] as number), 0)], [wanted.value], `rows of side ${side}`);
    expectGradients(takeGradients(trial), wanted.gradients, `rows of side ${side}`);
  }

  const tables = Object.fromEntries(
    Object.entries(parameters).map(([name, { rows, cols, value: values }]) => [name, { rows, cols, values }]),
  );
  const wanted = tf.tidy(() =>
    oracle
      .scores(
        tf,
        Object.fromEntries(
          Object.entries(tables).map(([k, t]) => [k, tf.tensor2d(Float32Array.from(t.values), [t.rows, t.cols])]),
        ),
      )
      .dataSync<"float32">(),
  );
  expectClose(allScores(kernels, model.scorer(), world), wanted, "all scores while training");
  expectClose(allScores(kernels, instance.scorer(tables), world), wanted, "all scores of the fitted model");
}
