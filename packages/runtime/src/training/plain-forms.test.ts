import { createKernels } from "@kdp/kernels";
import type { Kernels, LossInstance, ModelInstance, Parameter, ScoreList, Tf } from "@kdp/plugin-api";
import plugin from "@kdp/plugins";
import type { Scalar } from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";
import { createStreams } from "../random/streams.js";
import { loadTensorflow } from "../tensors/load-tensorflow.js";
import { byName, createParameters } from "./parameters.js";
import { rowWiseModel } from "./row-wise-model.js";
import { createScorerRanking } from "./scorer-ranking.js";
import { StepBatch } from "./step-batch.js";
import { tensorTerm } from "./tensor-term.js";

const train = { users: 5, items: 7, offsets: new Int32Array(6), itemIds: new Int32Array(0) };
let kernels: Kernels;
let tf: Tf;
beforeAll(async () => {
  kernels = await createKernels();
  tf = (await loadTensorflow()).tf;
});

function instanceOf(dim = 3): ModelInstance {
  const bprmf = plugin.models?.bprmf;
  if (!bprmf) throw new Error("no bprmf in the standard library");
  const context = { users: 5, items: 7, train, streams: createStreams(0, "m"), kernels };
  type Params = Parameters<typeof bprmf.create>[0]["params"];
  return bprmf.create({ ...context, params: { dim } as unknown as Params }) as ModelInstance;
}

/** The same model in both forms, on parameters of their own with equal values far from zero. */
function pair() {
  const make = () => {
    const instance = instanceOf();
    const parameters = byName(createParameters(kernels, instance.parameters, createStreams(3, "m")));
    for (const { value } of Object.values(parameters))
      for (let i = 0; i < value.length; i++) value[i] = (value[i] ?? 0) * 80;
    return { instance, parameters };
  };
  const [fused, plain] = [make(), make()];
  const form = plain.instance.rowWise;
  if (!fused.instance.fused || !form) throw new Error("bprmf lacks a form");
  return {
    fused: { model: fused.instance.fused.cpu(fused.parameters), parameters: fused.parameters },
    plain: {
      model: rowWiseModel({ tf, kernels, instance: plain.instance, form, parameters: plain.parameters }),
      parameters: plain.parameters,
    },
  };
}

function close(a: ArrayLike<number>, b: ArrayLike<number>): void {
  expect(a.length).toBe(b.length);
  for (let i = 0; i < a.length; i++) expect(Math.abs((a[i] ?? 0) - (b[i] ?? 0))).toBeLessThan(1e-5);
}

const gradients = (parameters: Readonly<Record<string, Parameter>>) =>
  Object.values(parameters).flatMap(({ grad }) => Array.from(grad));

function batchOf(users: number[], positives: number[], negatives: number[]): StepBatch {
  const batch = new StepBatch(kernels, train, users.length);
  const views = [users, positives, negatives].map((ids) => kernels.i32From(ids)) as [
    Int32Array,
    Int32Array,
    Int32Array,
  ];
  batch.moveTo({ epoch: 0, step: 0, users: views[0], positives: views[1], negatives: views[2] });
  return batch;
}

const list = (side: ScoreList["side"]): ScoreList => ({
  side,
  ids: kernels.i32From([4, 0]),
  others: kernels.i32From([1, 1, 3, 0, 2, 4]),
  rows: 2,
  k: 3,
});

describe("row-wise form", () => {
  it("gives the fused form's loss and gradient", () => {
    const { fused, plain } = pair();
    const batch = batchOf([0, 1, 1, 4], [2, 0, 6, 2], [3, 5, 2, 2]);
    const [a, b] = [fused.model.baseLoss(batch, 0.5), plain.model.baseLoss(batch, 0.5)];
    expect(b).toBeCloseTo(a, 4);
    close(gradients(plain.parameters), gradients(fused.parameters));
    expect(gradients(plain.parameters).some((g) => Math.abs(g) > 0.01)).toBe(true);
  });

  it.each(["user", "item"] as const)("gives the fused form's scores and rows of side %s, with gradients", (side) => {
    const { fused, plain } = pair();
    const results = [fused, plain].map(({ model, parameters }) => {
      const scores = kernels.f32(6);
      model.scores(list(side), scores);
      model.addScoreGrads(list(side), kernels.f32From([1, -2, 0.5, 3, 0, -1]));
      const rows = kernels.f32(6);
      model.rows(side, kernels.i32From([3, 1]), 2, rows);
      model.addRowGrads(side, kernels.i32From([3, 3]), 2, kernels.f32From([1, 2, 3, 4, 5, 6]));
      return [...scores, ...rows, ...gradients(parameters)];
    });
    close(results[1] as number[], results[0] as number[]);
  });
});

describe("plain term", () => {
  /** L = 3 Σ rows² + Σ w·scores + Σ all scores²/2 + Σ h·rows over users 1 and 3, with a helper h. */
  const instance: LossInstance = {
    state: [{ name: "h", rows: 1, cols: 3, init: { kind: "zeros" } }],
    request: () => ({
      rows: { user: Int32Array.of(1, 3) },
      scores: { pairs: { side: "user", ids: Int32Array.of(2), others: Int32Array.of(0, 6), rows: 1, k: 2 } },
      allScores: Int32Array.of(4),
    }),
    loss({ tf: t, student, scores, allScores, state, teachers }) {
      const rows = student.user;
      const { pairs } = scores;
      const { h } = state;
      const teacher = teachers[0]?.user;
      if (!rows || !pairs || !h || !allScores || !teacher) throw new Error("a requested tensor is missing");
      const terms = [
        t.mul(3, t.sum(t.square(rows))),
        t.sum(t.mul(pairs, t.tensor2d([[2, -1]]))),
        t.mul(0.5, t.sum(t.square(allScores))),
        t.sum(t.mul(rows, h)),
        // A constant: read, but without gradient.
        t.sum(teacher),
      ];
      return t.addN(terms) as Scalar;
    },
  };

  it("sends gradients of rows, scores, all scores and helpers on, times the weight", () => {
    const { fused } = pair();
    const { user, item } = fused.parameters;
    if (!user || !item) throw new Error("bprmf has no tables");
    const [state] = createParameters(kernels, instance.state ?? [], createStreams(0, "loss#0"));
    if (!state) throw new Error("no helper");
    state.value.set([1, 2, 3]);
    const teacher = { cols: 2, values: Float32Array.from({ length: 10 }, (_, i) => i) };
    const weight = 0.25;
    const term = tensorTerm(
      tf,
      kernels,
      {
        name: "l",
        weight,
        instance,
        teachers: [{ name: "t", embeddings: { user: teacher, item: null } }],
        state: { h: state },
      },
      train.items,
    );
    const before = tf.memory().numTensors;
    const value = term.run(batchOf([0], [0], [1]), fused.model);
    expect(tf.memory().numTensors).toBe(before);

    const row = (p: Parameter, id: number) => Array.from(p.value.subarray(3 * id, 3 * id + 3));
    const dot = (a: number[], b: number[]) => a.reduce((sum, x, i) => sum + x * (b[i] ?? 0), 0);
    const h = [1, 2, 3];
    const rows = [row(user, 1), row(user, 3)];
    const all = Array.from({ length: 7 }, (_, i) => dot(row(user, 4), row(item, i)));
    const wanted =
      3 * rows.reduce((sum, r) => sum + dot(r, r), 0) +
      2 * dot(row(user, 2), row(item, 0)) -
      dot(row(user, 2), row(item, 6)) +
      0.5 * dot(all, all) +
      rows.reduce((sum, r) => sum + dot(r, h), 0) +
      (2 + 3 + 6 + 7);
    expect(value).toBeCloseTo(wanted, 3);

    const dUser = new Float32Array(15);
    const dItem = new Float32Array(21);
    for (let c = 0; c < 3; c++) {
      for (const id of [1, 3]) dUser[3 * id + c] = weight * (6 * (row(user, id)[c] ?? 0) + (h[c] ?? 0));
      dUser[6 + c] = weight * (2 * (row(item, 0)[c] ?? 0) - (row(item, 6)[c] ?? 0));
      dItem[c] = weight * 2 * (row(user, 2)[c] ?? 0);
      dItem[18 + c] = -weight * (row(user, 2)[c] ?? 0);
      for (let i = 0; i < 7; i++) {
        dUser[12 + c] = (dUser[12 + c] ?? 0) + weight * (all[i] ?? 0) * (row(item, i)[c] ?? 0);
        dItem[3 * i + c] = (dItem[3 * i + c] ?? 0) + weight * (all[i] ?? 0) * (row(user, 4)[c] ?? 0);
      }
    }
    close(user.grad, dUser);
    close(item.grad, dItem);
    close(
      state.grad,
      [0, 1, 2].map((c) => weight * ((rows[0]?.[c] ?? 0) + (rows[1]?.[c] ?? 0))),
    );
  });
});

describe("ranking by a scorer", () => {
  const known = { users: 2, items: 4, offsets: Int32Array.of(0, 1, 2), itemIds: Int32Array.of(2, 0) };
  const user = [1, 0, 0, 1];
  const item = [3, 1, 1, 2, 9, 0, 1, 2];

  it.each(["dot", "block"] as const)("leaves out train items, breaks ties by id, pads short lists (%s)", (kind) => {
    const ranking = createScorerRanking(kernels, known);
    const scores = [
      [3, 1, 9, 1],
      [1, 2, 0, 2],
    ];
    const scorer =
      kind === "dot"
        ? ({ kind, user: kernels.f32From(user), item: kernels.f32From(item), cols: 2 } as const)
        : ({
            kind,
            scoreUsers: (users: Int32Array, n: number, out: Float32Array) => {
              for (let r = 0; r < n; r++) out.set(scores[users[r] as number] as number[], r * 4);
            },
          } as const);
    const top = ranking.topK(scorer, 4);
    expect(Array.from(top.ids)).toEqual([0, 1, 3, -1, 1, 3, 2, -1]);
    expect(Array.from(top.scores ?? [])).toEqual([3, 1, 1, -Infinity, 2, 2, 0, -Infinity]);
    const out = new Int32Array(4);
    ranking.ranks(
      scorer,
      { side: "user", ids: Int32Array.of(1, 0), others: Int32Array.of(2, 3, 0, 1), rows: 2, k: 2 },
      out,
    );
    expect(Array.from(out)).toEqual([3, 1, 1, 2]);
  });
});
