import { createKernels } from "@kdp/kernels";
import type { ClosedFormInstance, Interactions, ModelDefinition } from "@kdp/plugin-api";
import { resolveParams, testStreams } from "@kdp/plugin-api/testing";
import { describe, expect, it } from "vitest";
import { allScores } from "../../test/support/model-trial.js";
import { itemKnn } from "./item-knn.js";
import { popularity } from "./popularity.js";

/** Users 0: a b c; 1: a b; 2: b d; 3: nothing. Items a b c d e = 0 1 2 3 4. */
const world: Interactions = {
  users: 4,
  items: 5,
  offsets: Int32Array.of(0, 3, 5, 7, 7),
  itemIds: Int32Array.of(0, 1, 2, 0, 1, 1, 3),
};

async function fitted(definition: ModelDefinition, params: Record<string, unknown> = {}) {
  const kernels = await createKernels();
  const instance = definition.create({
    params: resolveParams(definition.params, params) as Parameters<ModelDefinition["create"]>[0]["params"],
    ...world,
    train: world,
    streams: testStreams(0),
    kernels,
  }) as ClosedFormInstance;
  const tables = instance.fit();
  return { tables, scores: allScores(kernels, instance.scorer(tables), world) };
}

const round = (values: Iterable<number>) => Array.from(values, (x) => Math.round(x * 1e4) / 1e4);

describe("popularity", () => {
  it("counts training interactions", async () => {
    const { scores } = await fitted(popularity);
    expect(Array.from(scores.subarray(0, 5))).toEqual([2, 3, 1, 1, 0]);
    expect(Array.from(scores.subarray(15, 20))).toEqual([2, 3, 1, 1, 0]);
  });
});

describe("item_knn", () => {
  const [ab, ac, bc, bd] = [2 / Math.sqrt(6), 1 / Math.sqrt(2), 1 / Math.sqrt(3), 1 / Math.sqrt(3)];

  it("adds the cosines of the user's items to their neighbours", async () => {
    const { scores } = await fitted(itemKnn);
    expect(round(scores.subarray(5, 10))).toEqual(round([ab, ab, ac + bc, bd, 0]));
    expect(round(scores.subarray(10, 15))).toEqual(round([ab, bd, bc, bd, 0]));
    expect(Array.from(scores.subarray(15, 20))).toEqual([0, 0, 0, 0, 0]);
  });

  it("keeps the nearest neighbours only, ties by smaller id", async () => {
    const { tables, scores } = await fitted(itemKnn, { neighbours: 1 });
    // a-b .82, b-a .82, c-a .71, d-b .58; e has none.
    expect(Array.from(tables.neighbour?.values ?? [])).toEqual([1, 0, 0, 1, -1]);
    expect(round(scores.subarray(10, 15))).toEqual(round([ab, bd, 0, 0, 0]));
    const two = await fitted(itemKnn, { neighbours: 2 });
    expect(Array.from(two.tables.neighbour?.values.subarray(2, 4) ?? [])).toEqual([0, 2]);
  });

  it("shrinks similarities of rare items", async () => {
    const { scores } = await fitted(itemKnn, { shrinkage: 10 });
    expect(round([scores[13] as number])).toEqual(round([1 / (Math.sqrt(3) + 10)]));
  });
});
