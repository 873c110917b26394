import { createKernels } from "@kdp/kernels";
import type { Interactions, Kernels, RankingTable, ScoreList, Scorer } from "@kdp/plugin-api";
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { cpuRanker } from "../ranking/ranker.js";
import { toInteractions } from "../tables/interactions.js";
import { crowdEmbeddings } from "./crowd-embeddings.js";
import { rankUsersOfItems } from "./item-ranking.js";
import { embeddingScores, rankUsersByEmbeddings } from "./rank-embeddings.js";
import { invertRanking, listedScores, listScorer } from "./ranked-lists.js";
import { listScores } from "./score-lists.js";

let kernels: Kernels;
beforeAll(async () => {
  kernels = await createKernels();
});

const USERS = 70;
const ITEMS = 9;
/** Small integers: sums are exact and ties are common. */
const score = (user: number, item: number) => ((user * 7 + item * 5) % 11) - 3;

const block: Scorer = {
  kind: "block",
  scoreUsers: (users, n, out) => {
    for (let r = 0; r < n; r++) for (let i = 0; i < ITEMS; i++) out[r * ITEMS + i] = score(users[r] as number, i);
  },
};
const dot = (): Scorer => ({
  kind: "dot",
  user: kernels.f32From(Array.from({ length: USERS * ITEMS }, (_, at) => score(Math.floor(at / ITEMS), at % ITEMS))),
  item: kernels.f32From(Array.from({ length: ITEMS * ITEMS }, (_, at) => (at % (ITEMS + 1) === 0 ? 1 : 0))),
  cols: ITEMS,
});
const both = (): [string, Scorer][] => [
  ["dot", dot()],
  ["block", block],
];

const listOf = (
  side: "user" | "item",
  rows: readonly (readonly [id: number, others: readonly number[]])[],
): ScoreList => ({
  side,
  ids: Int32Array.from(rows, ([id]) => id),
  others: Int32Array.from(rows.flatMap(([, others]) => others)),
  rows: rows.length,
  k: rows[0]?.[1].length ?? 0,
});

describe("scores of listed pairs", () => {
  it("of users and of items, padding included, are the scorer's own", () => {
    const pad = fc.integer({ min: -1, max: ITEMS - 1 });
    const userRows = fc.array(fc.tuple(fc.nat(USERS - 1), fc.tuple(pad, pad, pad)), { minLength: 1, maxLength: 90 });
    fc.assert(
      fc.property(userRows, (rows) => {
        const list = listOf("user", rows);
        const expected = rows.flatMap(([user, items]) => items.map((i) => (i < 0 ? -Infinity : score(user, i))));
        for (const [, scorer] of both()) {
          const out = new Float32Array(expected.length);
          listScores(scorer, kernels, ITEMS)(list, out);
          expect([...out]).toEqual(expected);
        }
      }),
      { numRuns: 20 },
    );
    const list = listOf("item", [
      [4, [0, 69, -1]],
      [0, [69, 69, 3]],
    ]);
    for (const [, scorer] of both()) {
      const out = new Float32Array(6);
      listScores(scorer, kernels, ITEMS)(list, out);
      expect([...out]).toEqual([score(0, 4), score(69, 4), -Infinity, score(69, 0), score(69, 0), score(3, 0)]);
    }
  });
});

describe("users of items", () => {
  const train: Interactions = toInteractions(
    {
      user: Int32Array.from({ length: USERS }, (_, user) => user),
      item: Int32Array.from({ length: USERS }, (_, user) => user % ITEMS),
    },
    USERS,
    ITEMS,
  );

  it("are the best by score, training left out, ties by smaller id, from either form", async () => {
    const k = 5;
    const expected = Array.from({ length: ITEMS }, (_, item) =>
      Array.from({ length: USERS }, (_, user) => user)
        .filter((user) => user % ITEMS !== item)
        .sort((a, b) => score(b, item) - score(a, item) || a - b)
        .slice(0, k),
    ).flat();
    for (const [, scorer] of both()) {
      const ranking = await rankUsersOfItems(scorer, kernels, cpuRanker(kernels), train, k);
      expect([ranking.rows, ranking.k]).toEqual([ITEMS, k]);
      expect([...ranking.ids]).toEqual(expected);
    }
  });

  it("end with -1 when there are fewer", async () => {
    for (const [, scorer] of both()) {
      const ranking = await rankUsersOfItems(scorer, kernels, cpuRanker(kernels), train, USERS);
      expect(ranking.ids[USERS - 1]).toBe(-1);
      expect(ranking.scores?.[USERS - 1]).toBe(-Infinity);
    }
  });
});

describe("lists as teachers", () => {
  const ranking: RankingTable = {
    rows: 3,
    k: 3,
    ids: Int32Array.of(2, 0, 4, 4, 2, -1, -1, -1, -1),
    scores: Float32Array.of(9, 5, 1, 7, 6, -Infinity, -Infinity, -Infinity, -Infinity),
  };

  it("of embeddings rank the users of each item, unknown ones left out", async () => {
    // User 1 and item 1 have no row; user 2 took item 0 in training.
    const train = toInteractions({ user: Int32Array.of(2), item: Int32Array.of(0) }, 4, 3);
    const user = kernels.f32From([1, 2, 0, 0, 3, -1, -5, 0]);
    const item = kernels.f32From([1, 1, 0, 0, -2, 1]);
    const ranking = await rankUsersByEmbeddings(kernels, { kind: "dot", user, item, cols: 2 }, train, 4);
    // Item 0: users 0 (3), 3 (-5); item 2: 3 (10), 0 (0), 2 (-7).
    expect([...ranking.ids]).toEqual([0, 3, -1, -1, -1, -1, -1, -1, 3, 0, 2, -1]);
    expect([...(ranking.scores ?? [])].slice(8, 11)).toEqual([10, 0, -7]);
  });

  it("of embeddings score every pair that they have rows for", () => {
    const user = kernels.f32From([1, 2, 0, 0, 3, -1]);
    const item = kernels.f32From([1, 1, 0, 0, -2, 1]);
    const scores = embeddingScores({ kind: "dot", user, item, cols: 2 }, kernels);
    const out = new Float32Array(8);
    const all = [0, 1, 2, -1];
    scores(
      listOf("user", [
        [0, all],
        [1, all],
      ]),
      out,
    );
    expect([...out]).toEqual([3, -Infinity, 0, -Infinity, ...new Array(4).fill(-Infinity)]);
    scores(
      listOf("item", [
        [2, all],
        [1, all],
      ]),
      out,
    );
    expect([...out]).toEqual([0, -Infinity, -7, -Infinity, ...new Array(4).fill(-Infinity)]);
  });

  it("rank listed items by place and all others below, tied", () => {
    const out = new Float32Array(10).fill(99);
    const scorer = listScorer(ranking, 5);
    if (scorer.kind === "block") scorer.scoreUsers(Int32Array.of(1, 2), 2, out);
    expect([...out]).toEqual([0, 0, 2, 0, 3, 0, 0, 0, 0, 0]);
  });

  it("score listed pairs as listed, and say nothing of others", () => {
    const list = listOf("user", [
      [0, [2, 3, -1]],
      [1, [2, 0, 4]],
      [2, [0, 1, 2]],
    ]);
    const out = new Float32Array(9);
    listedScores(ranking)(list, out);
    const none = -Infinity;
    expect([...out]).toEqual([9, none, none, 6, none, 7, none, none, none]);
    listedScores({ ...ranking, scores: null })(list, out);
    expect([...out.subarray(0, 6)]).toEqual([3, none, none, 2, none, 3]);
    const items = listOf("item", [[4, [0, 1, 2]]]);
    listedScores(ranking)(items, out);
    expect([...out.subarray(0, 3)]).toEqual([1, 7, none]);
  });

  it("inverted, list users per item by score or by place", () => {
    expect([...invertRanking(ranking, 5, 2).ids]).toEqual([0, -1, -1, -1, 0, 1, -1, -1, 1, 0]);
    const places = invertRanking({ ...ranking, scores: null }, 5, 1);
    expect([...places.ids]).toEqual([0, -1, 0, -1, 1]);
  });
});

describe("embeddings of a crowd", () => {
  it("are unit rows side by side over √M, wherever the members keep theirs", () => {
    const plain = { cols: 2, values: Float32Array.of(3, 4, 0, 0) };
    const inKernels = { cols: 1, values: kernels.f32From([-2, 5]) };
    const { user, item, members } = crowdEmbeddings(kernels, [
      { user: plain, item: plain },
      null,
      { user: inKernels, item: inKernels },
    ]);
    const half = Math.SQRT1_2;
    const expected = [0.6 * half, 0.8 * half, -half, 0, 0, half];
    expect(members).toBe(2);
    expect(user).toMatchObject({ rows: 2, cols: 3 });
    expected.forEach((value, at) => {
      expect(user?.values[at]).toBeCloseTo(value, 6);
    });
    expect(item?.values).toEqual(user?.values);
  });
});
