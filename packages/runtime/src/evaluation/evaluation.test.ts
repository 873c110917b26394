import { createKernels, createPlainKernels } from "@kdp/kernels";
import type { Interactions, Kernels, Scorer } from "@kdp/plugin-api";
import library from "@kdp/plugins";
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { toInteractions } from "../tables/interactions.js";
import { listScorer } from "../teachers/ranked-lists.js";
import { catalogueFacts } from "./catalogue-facts.js";
import type { HeldOut } from "./held-out.js";
import { loadMetrics } from "./load-metrics.js";
import { type EvaluationOptions, prepareEvaluation } from "./prepare-evaluation.js";
import { sampleCandidates } from "./sampled-candidates.js";

let wasm: Kernels;
beforeAll(async () => {
  wasm = await createKernels();
});

const registry = { metricOf: async (key: string) => library.metrics?.[key.split("@")[0] as string] } as never;
const requests = (...keys: string[]) => loadMetrics(keys, registry);

type Pair = readonly [user: number, item: number];
const grouped = (pairs: readonly Pair[], users: number, items: number): Interactions =>
  toInteractions(
    { user: Int32Array.from(pairs, ([u]) => u), item: Int32Array.from(pairs, ([, i]) => i) },
    users,
    items,
  );

/** Training, held-out and other held-out pairs of a small universe. */
function heldOutOf(users: number, items: number, train: Pair[], test: Pair[], valid: Pair[] = []): HeldOut {
  const all = [train, test, valid].map((pairs) => grouped(pairs, users, items)) as [
    Interactions,
    Interactions,
    Interactions,
  ];
  return { part: "test", events: all[1], train: all[0], others: [all[0], all[2]] };
}

/** Scores `[users, items]` as factors (identity on the item side) or as blocks. */
function scorers(kernels: Kernels, scores: readonly (readonly number[])[]): Record<"dot" | "block", Scorer> {
  const items = scores[0]?.length ?? 0;
  const eye = Array.from({ length: items * items }, (_, at) => (at % (items + 1) === 0 ? 1 : 0));
  return {
    dot: { kind: "dot", user: kernels.f32From(scores.flat()), item: kernels.f32From(eye), cols: items },
    block: {
      kind: "block",
      scoreUsers: (users, n, out) => {
        for (let r = 0; r < n; r++) out.set(scores[users[r] as number] ?? [], r * items);
      },
    },
  };
}

async function evaluate(
  kernels: Kernels,
  heldOut: HeldOut,
  scores: readonly (readonly number[])[],
  keys: string[],
  kind: "dot" | "block" = "dot",
  candidates: EvaluationOptions["candidates"] = null,
) {
  const prepared = prepareEvaluation({ node: "test", kernels, heldOut, metrics: await requests(...keys), candidates });
  return { ...(await prepared.evaluate(scorers(kernels, scores)[kind])), prepared };
}

describe("full ranking, by hand", () => {
  // User 0: item 0 trained, 4 validated; 2 and 3 are tested. Candidates 1 2 3 score 5 4 3: ranks 2 and 3.
  // User 1: item 1 is tested and ties with 2 and 3 below 0: rank 1 + 1 + 2/2 = 3. User 2 has no test item.
  const heldOut = heldOutOf(
    3,
    5,
    [
      [0, 0],
      [2, 0],
      [1, 4],
    ],
    [
      [0, 2],
      [0, 3],
      [1, 1],
    ],
    [[0, 4]],
  );
  const scores = [
    [9, 5, 4, 3, 8],
    [7, 2, 2, 2, 9],
    [0, 0, 0, 0, 0],
  ];
  const keys = ["hit@2", "recall@2", "precision@2", "ndcg@3", "mrr@3", "map@3"];

  it.each(["dot", "block"] as const)("%s scorer", async (kind) => {
    const { values, perUser, prepared } = await evaluate(wasm, heldOut, scores, keys, kind);
    expect([prepared.users, prepared.usersWithoutItems]).toEqual([2, 1]);
    expect([...perUser.user]).toEqual([0, 1]);
    expect(Object.fromEntries(Object.entries(perUser.values).map(([key, v]) => [key, [...v]]))).toEqual({
      "hit@2": [1, 0],
      "recall@2": [0.5, 0],
      "precision@2": [0.5, 0],
      "ndcg@3": [(1 / Math.log2(3) + 1 / 2) / (1 + 1 / Math.log2(3)), 0.5],
      "mrr@3": [0.5, 1 / 3],
      "map@3": [(1 / 2 + 2 / 3) / 2, 1 / 3],
    });
    expect(values["hit@2"]).toBe(0.5);
    expect(values["mrr@3"]).toBeCloseTo((0.5 + 1 / 3) / 2, 15);
  });

  it("all scores equal: everything has the mean rank", async () => {
    const flat = [Array(5).fill(1), Array(5).fill(1), Array(5).fill(1)];
    for (const kind of ["dot", "block"] as const) {
      const { perUser } = await evaluate(wasm, heldOut, flat, ["mrr@5"], kind);
      // User 0 has 3 candidates, mean rank 2; user 1 has 4, mean rank 2.5.
      expect([...(perUser.values["mrr@5"] ?? [])]).toEqual([1 / 2, 1 / 2.5]);
    }
  });

  it("a cut-off past the catalogue means the whole catalogue, and is said", async () => {
    const { values, prepared } = await evaluate(wasm, heldOut, scores, ["recall@100", "precision@100"]);
    expect(values).toEqual({ "recall@100": 1, "precision@100": (2 / 5 + 1 / 5) / 2 });
    expect(prepared.notes[0]).toBe("KDP7105: recall@100: the catalogue has 5 items, so the cut-off is 5");
  });

  it("exposure and popularity groups", async () => {
    const { values } = await evaluate(wasm, heldOut, scores, [
      "coverage@1",
      "gini@1",
      "head_recall@2",
      "tail_recall@2",
    ]);
    // Lists of the two evaluated users: item 1 and item 0.
    expect(values["coverage@1"]).toBe(0.4);
    expect(values["gini@1"]).toBeCloseTo(0.6, 15);
    // Head: items by popularity 0 (2), 4 (1): half of three interactions is not reached by two, so it is empty.
    expect(values["head_recall@2"]).toBeNaN();
    expect(values["tail_recall@2"]).toBe(0.25);
  });

  it("the same again for another model: what is prepared is not used up", async () => {
    const prepared = prepareEvaluation({
      node: "test",
      kernels: wasm,
      heldOut,
      metrics: await requests("mrr@5", "coverage@1"),
      candidates: null,
    });
    const first = await prepared.evaluate(scorers(wasm, scores).dot);
    const reversed = scores.map((row) => row.map((score) => -score));
    expect((await prepared.evaluate(scorers(wasm, reversed).dot)).values).not.toEqual(first.values);
    expect(await prepared.evaluate(scorers(wasm, scores).block)).toEqual(first);
  });
});

describe("scores that rank nothing", () => {
  const heldOut = heldOutOf(
    2,
    3,
    [[0, 0]],
    [
      [0, 1],
      [1, 2],
    ],
  );
  const bad = (value: number) => [
    [1, 2, 3],
    [1, value, 3],
  ];

  it.each(["dot", "block"] as const)("NaN in a %s scorer names the user", async (kind) => {
    const work = evaluate(wasm, heldOut, bad(Number.NaN), ["hit@1"], kind);
    await expect(work).rejects.toMatchObject({ data: { code: "KDP8001", kind: "run", place: "test" } });
    await expect(work).rejects.toThrow("user 1");
  });

  it("infinite factors are refused, infinite scores have a rank", async () => {
    await expect(evaluate(wasm, heldOut, bad(Infinity), ["hit@1"], "dot")).rejects.toThrow("user 1");
    const { perUser } = await evaluate(wasm, heldOut, bad(Infinity), ["mrr@3"], "block");
    expect([...(perUser.values["mrr@3"] ?? [])]).toEqual([1 / 2, 1 / 2]);
  });
});

/** Ranks by their definition, one comparison at a time. */
function bruteForce(
  heldOut: HeldOut,
  scores: readonly (readonly number[])[],
  pool: (user: number) => number[],
): number[][] {
  const { events } = heldOut;
  return Array.from({ length: events.users }, (_, user) => {
    const own = [...events.itemIds.subarray(events.offsets[user], events.offsets[user + 1])];
    const score = (item: number) => scores[user]?.[item] as number;
    const ranks = own.map((item) => {
      const others = [...new Set([...pool(user), ...own])].filter((other) => other !== item);
      const above = others.filter((other) => score(other) > score(item)).length;
      const ties = others.filter((other) => score(other) === score(item)).length;
      return 1 + above + ties / 2;
    });
    return ranks.sort((a, b) => a - b);
  });
}

const world = fc
  .record({
    users: fc.integer({ min: 1, max: 70 }),
    items: fc.integer({ min: 3, max: 40 }),
    seed: fc.integer({ min: 1, max: 1 << 30 }),
    levels: fc.integer({ min: 1, max: 30 }),
  })
  .map(({ users, items, seed, levels }) => {
    let state = seed;
    const next = (bound: number) => {
      state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
      return (state >> 8) % bound;
    };
    const parts: Pair[][] = [[], [], [], []];
    for (let u = 0; u < users; u++) for (let i = 0; i < items; i++) parts[next(8) < 4 ? next(4) : 3]?.push([u, i]);
    const scores = Array.from({ length: users }, () => Array.from({ length: items }, () => next(levels) - 2));
    const [train = [], test = [], valid = []] = parts;
    return { users, items, scores, train, test, valid };
  });

describe("lists", () => {
  it("rank as their scorer does, whatever is listed, excluded or missing", async () => {
    const metrics = await requests("mrr@3", "ndcg@5", "map@4", "recall@2", "coverage@2");
    await fc.assert(
      fc.asyncProperty(
        world,
        fc.integer({ min: 1, max: 6 }),
        async ({ users, items, scores, train, test, valid }, length) => {
          const heldOut = heldOutOf(users, items, train, test, valid);
          if (test.length === 0) return;
          const k = Math.min(length, items);
          // Lists that know nothing of what is excluded, some of them ending early.
          const ids = Int32Array.from({ length: users * k }, (_, at) => {
            const user = Math.floor(at / k);
            const order = [...Array(items).keys()].sort(
              (a, b) => (scores[user]?.[b] ?? 0) - (scores[user]?.[a] ?? 0) || a - b,
            );
            return (user + (at % k)) % 5 === 4 && at % k === k - 1 ? -1 : (order[at % k] as number);
          });
          const ranking = { rows: users, k, ids, scores: null };
          for (const candidates of [null, { count: 3, seed: 1 }]) {
            const prepared = prepareEvaluation({ node: "test", kernels: wasm, heldOut, metrics, candidates });
            expect(await prepared.evaluateLists(ranking)).toEqual(await prepared.evaluate(listScorer(ranking, items)));
          }
        },
      ),
      { numRuns: 60 },
    );
  });
});

describe("against ranks by definition", () => {
  it.each(["dot", "block"] as const)("full ranking, %s scorer, ties included, in both kernels", async (kind) => {
    const metrics = await requests("mrr@3", "ndcg@5", "map@4", "recall@2");
    const plain = createPlainKernels();
    await fc.assert(
      fc.asyncProperty(world, async ({ users, items, scores, train, test, valid }) => {
        const heldOut = heldOutOf(users, items, train, test, valid);
        const listed = (pairs: Pair[], user: number) => pairs.filter(([u]) => u === user).map(([, i]) => i);
        const expected = bruteForce(heldOut, scores, (user) => {
          const left = new Set([...listed(train, user), ...listed(valid, user)]);
          return Array.from({ length: items }, (_, i) => i).filter((i) => !left.has(i));
        }).filter((ranks) => ranks.length > 0);
        for (const kernels of [wasm, plain]) {
          const prepared = prepareEvaluation({ node: "test", kernels, heldOut, metrics, candidates: null });
          const { perUser } = await prepared.evaluate(scorers(kernels, scores)[kind]);
          for (const { key, definition, cutoff } of metrics) {
            const wanted = expected.map((ranks) =>
              definition.perUser?.(
                { ranks: Float64Array.from(ranks), items: new Int32Array(ranks.length), relevant: ranks.length },
                Math.min(cutoff as number, items),
                catalogueFacts(heldOut.train),
              ),
            );
            expect([...(perUser.values[key] as Float64Array)]).toEqual(wanted);
          }
        }
      }),
      { numRuns: 40 },
    );
  });

  it("sampled candidates", async () => {
    const metrics = await requests("mrr@3");
    await fc.assert(
      fc.asyncProperty(world, fc.integer({ min: 1, max: 12 }), fc.nat(), async (w, count, seed) => {
        const heldOut = heldOutOf(w.users, w.items, w.train, w.test, w.valid);
        const observed = grouped([...w.train, ...w.test, ...w.valid], w.users, w.items);
        const everyone = Int32Array.from({ length: w.users }, (_, user) => user);
        const lists = sampleCandidates(everyone, observed, { count, seed, part: "test" });
        const pool = (user: number) =>
          [...lists.items.subarray(user * count, (user + 1) * count)].filter((i) => i >= 0);
        const expected = bruteForce(heldOut, w.scores, pool)
          .filter((ranks) => ranks.length > 0)
          .map((ranks) => ((ranks[0] as number) <= 3 ? 1 / (ranks[0] as number) : 0));
        const prepared = prepareEvaluation({
          node: "test",
          kernels: wasm,
          heldOut,
          metrics,
          candidates: { count, seed },
        });
        for (const kind of ["dot", "block"] as const) {
          const { perUser } = await prepared.evaluate(scorers(wasm, w.scores)[kind]);
          expect([...(perUser.values["mrr@3"] as Float64Array)]).toEqual(expected);
        }
      }),
      { numRuns: 40 },
    );
  });
});

describe("sampled candidates", () => {
  const observed = grouped(
    Array.from({ length: 20 }, (_, i) => [0, i * 5] as const),
    2,
    200,
  );
  const users = Int32Array.of(0, 1);
  const draw = (part: "valid" | "test", count: number, seed = 0) =>
    sampleCandidates(users, observed, { count, seed, part });
  const rowOf = (lists: { items: Int32Array; count: number }, row: number) => [
    ...lists.items.subarray(row * lists.count, (row + 1) * lists.count),
  ];

  it("are distinct, unobserved, and fixed by the seed", () => {
    const lists = draw("test", 50);
    for (const row of [0, 1]) {
      const items = rowOf(lists, row);
      expect(new Set(items).size).toBe(50);
      if (row === 0) expect(items.some((item) => item % 5 === 0 && item < 100)).toBe(false);
    }
    expect(draw("test", 50)).toEqual(lists);
    expect(draw("test", 50, 1).items).not.toEqual(lists.items);
    expect(lists.shortUsers).toBe(0);
  });

  it("of valid and test share no item, whatever their counts", () => {
    const valid = draw("valid", 20);
    const test = draw("test", 90);
    expect(rowOf(test, 0).filter((item) => rowOf(valid, 0).includes(item))).toEqual([]);
    // Asking for more keeps those that were there.
    expect(rowOf(draw("test", 20), 1)).toEqual(rowOf(test, 1).slice(0, 20));
  });

  it("do not depend on which other users are measured", () => {
    const alone = sampleCandidates(Int32Array.of(1), observed, { count: 30, seed: 0, part: "test" });
    expect([...alone.items]).toEqual(rowOf(draw("test", 30), 1));
  });

  it("use what there is when there is not enough", () => {
    const most = draw("test", 180);
    expect(new Set(rowOf(most, 0)).size).toBe(180);
    const all = draw("test", 300);
    expect(all.shortUsers).toBe(2);
    expect(
      rowOf(all, 0)
        .filter((item) => item >= 0)
        .sort((a, b) => a - b),
    ).toEqual(Array.from({ length: 200 }, (_, i) => i).filter((i) => i % 5 !== 0 || i >= 100));
  });

  it("are uniform over the unobserved items", () => {
    const counts = new Float64Array(200);
    for (let seed = 0; seed < 2000; seed++) for (const item of rowOf(draw("test", 9, seed), 0)) counts[item]!++;
    const open = [...counts].filter((_, item) => item % 5 !== 0 || item >= 100);
    const chi2 = open.reduce((sum, c) => sum + (c - 100) ** 2 / 100, 0);
    expect(open.length).toBe(180);
    expect(chi2).toBeLessThan(245); // 179 degrees of freedom, p = .001 (a little conservative: no replacement)
  });
});

describe("metric requests", () => {
  it("load each metric once and keep the package of a plugin's metric", async () => {
    const definition = library.metrics?.ndcg;
    const plugins = { metricOf: async () => definition } as never;
    expect(await loadMetrics(["ndcg@10", "@acme/kdp-x.surprise@5", "ndcg@10"], plugins)).toEqual([
      { key: "ndcg@10", metric: "ndcg", cutoff: 10, definition },
      { key: "@acme/kdp-x.surprise@5", metric: "@acme/kdp-x.surprise", cutoff: 5, definition },
    ]);
  });
});

describe("the head", () => {
  it("is the most popular items within half of all interactions", () => {
    const train = grouped(
      [
        [0, 3],
        [1, 3],
        [2, 3],
        [0, 1],
        [1, 1],
        [2, 0],
        [2, 2],
      ],
      3,
      4,
    );
    const facts = catalogueFacts(train);
    expect([...facts.popularity]).toEqual([1, 2, 1, 3]);
    expect([...facts.head]).toEqual([0, 0, 0, 1]);
  });
});
