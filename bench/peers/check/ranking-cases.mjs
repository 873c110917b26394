// Evaluations of the runtime, with the candidates that it drew.
import { prepareEvaluation } from "@kdp/runtime/training";
import { normals } from "../../setup/training.mjs";
import { METRICS } from "../../suites/eval.mjs";
import { array, STUDENT, stepArrays } from "./world.mjs";

const CANDIDATES = 30;

export async function rankingCases(world) {
  return [await rankingCase(world, "full", null), await rankingCase(world, "loo-499", { count: CANDIDATES, seed: 0 })];
}

async function rankingCase(world, name, candidates) {
  const { train, valid, test } = world;
  const drawn = [];
  const kernels = recording(world.kernels, drawn);
  const user = kernels.f32From(normals(train.users * STUDENT, 0.3, 5));
  const item = kernels.f32From(normals(train.items * STUDENT, 0.3, 6));
  const heldOut = { part: "test", events: test, train, others: [train, valid] };
  const evaluation = prepareEvaluation({ node: "check", kernels, heldOut, metrics: METRICS, candidates });
  const { values } = await evaluation.evaluate({ kind: "dot", user, item, cols: STUDENT });
  const arrays = {
    ...stepArrays(world),
    user: array(user, train.users, STUDENT),
    item: array(item, train.items, STUDENT),
    valid: array(valid.itemIds, train.users),
    test: array(test.itemIds, train.users),
    ...(candidates ? { candidates: array(Int32Array.from(drawn), train.users, 1 + CANDIDATES) } : {}),
  };
  return {
    name,
    method: name,
    numbers: { users: train.users, items: train.items },
    arrays,
    value: values,
    gradients: {},
  };
}

/** The kernels, keeping the lists that are scored: the target of a user, then its candidates. */
const recording = (kernels, drawn) =>
  Object.create(kernels, {
    dotLists: {
      value(left, right, cols, ids, others, rows, k, out) {
        for (const id of others.subarray(0, rows * k)) drawn.push(id);
        kernels.dotLists(left, right, cols, ids, others, rows, k, out);
      },
    },
  });
