import { createPlainKernels } from "@kdp/kernels";
import type { RankingTable } from "@kdp/plugin-api";
import { sampleWorld, testStream } from "@kdp/plugin-api/testing";
import { describe, expect, it } from "vitest";
import { byItem } from "./by-item.js";
import { createListTable, drawLists, groupLists, type ListTable } from "./list-table.js";
import { rankExpSampler } from "./rank-sampling.js";
import { uniformSampler } from "./uniform-sampling.js";
import { createWorkspace } from "./workspace.js";

const world = sampleWorld({ users: 30, items: 50, ranking: 20 });
const ranking = world.teacher.ranking as RankingTable;

function drawn(pool: number, k: number, l: number, epoch = "0"): ListTable {
  const table = createListTable(world.users, k, l);
  const known = { offsets: world.train.offsets, ids: world.train.itemIds };
  const uniform = uniformSampler(world.items);
  drawLists(table, { ranking, known, pool, sampler: rankExpSampler(pool, 3), uniform }, testStream(epoch));
  return table;
}

const row = (table: ListTable, r: number) => {
  const at = r * (table.k + table.l);
  const k = table.ordered[r] as number;
  return {
    ordered: [...table.ids.subarray(at, at + k)],
    unordered: [...table.ids.subarray(at + k, at + k + (table.unordered[r] as number))],
  };
};

describe("drawLists", () => {
  it("draws the ordered part from the pool in the teacher's order, the rest from what is neither ranked nor known", () => {
    const table = drawn(15, 6, 10);
    for (let u = 0; u < world.users; u++) {
      const favourites = [...ranking.ids.subarray(u * 20, u * 20 + 15)];
      const train = [...world.train.itemIds.subarray(world.train.offsets[u], world.train.offsets[u + 1])];
      const { ordered, unordered } = row(table, u);
      expect([ordered.length, unordered.length]).toEqual([6, 10]);
      const places = ordered.map((item) => favourites.indexOf(item));
      expect(places).not.toContain(-1);
      expect(places).toEqual([...places].sort((a, b) => a - b));
      expect(new Set([...ordered, ...unordered]).size).toBe(16);
      expect(unordered.some((item) => favourites.includes(item) || train.includes(item))).toBe(false);
    }
  });

  it("takes what there is where pool, ranking or catalogue are short", () => {
    const table = drawn(500, 40, 100);
    for (let u = 0; u < world.users; u++) {
      const known = (world.train.offsets[u + 1] as number) - (world.train.offsets[u] as number);
      const { ordered, unordered } = row(table, u);
      expect(ordered).toEqual([...ranking.ids.subarray(u * 20, u * 20 + 20)]);
      expect(unordered.length).toBe(50 - 20 - known);
    }
  });

  it("gives a row that the teacher ranked nothing for no list at all", () => {
    const empty: RankingTable = { rows: 1, k: 2, ids: Int32Array.of(-1, -1), scores: null };
    const table = createListTable(1, 2, 2);
    const source = {
      ranking: empty,
      known: { offsets: Int32Array.of(0, 0), ids: new Int32Array(0) },
      pool: 2,
      sampler: rankExpSampler(2, 1),
      uniform: uniformSampler(5),
    };
    drawLists(table, source, testStream("0"));
    expect([table.ordered[0], table.unordered[0]]).toEqual([0, 0]);
    const workspace = createWorkspace(createPlainKernels());
    expect(groupLists({ table, side: "user", entities: Int32Array.of(0), workspace, name: "x" })).toEqual([]);
  });

  it("is the same under the same stream and differs under another", () => {
    expect(drawn(15, 6, 10).ids).toEqual(drawn(15, 6, 10).ids);
    expect(drawn(15, 6, 10, "1").ids).not.toEqual(drawn(15, 6, 10).ids);
  });
});

describe("groupLists", () => {
  it("puts rows of equal length together and loses none", () => {
    const table = drawn(500, 40, 25);
    const entities = Int32Array.from({ length: world.users }, (_, u) => u);
    const workspace = createWorkspace(createPlainKernels());
    const groups = groupLists({ table, side: "user", entities, workspace, name: "x" });
    expect(groups.length).toBeGreaterThan(1);
    const seen = groups.flatMap(({ k, l, list }) =>
      [...list.ids].map((u, r) => {
        const { ordered, unordered } = row(table, u);
        expect([ordered.length, unordered.length]).toEqual([k, l]);
        expect([...list.others.subarray(r * list.k, (r + 1) * list.k)]).toEqual([...ordered, ...unordered]);
        return u;
      }),
    );
    expect(seen.sort((a, b) => a - b)).toEqual([...entities]);
  });
});

it("byItem turns interactions round", () => {
  const { offsets, ids } = byItem(world.train);
  const pairs = new Set<string>();
  for (let i = 0; i < world.items; i++) {
    const users = [...ids.subarray(offsets[i], offsets[i + 1])];
    expect(users).toEqual([...users].sort((a, b) => a - b));
    for (const u of users) pairs.add(`${u}/${i}`);
  }
  const wanted = new Set<string>();
  for (let u = 0; u < world.users; u++) {
    for (const i of world.train.itemIds.subarray(world.train.offsets[u], world.train.offsets[u + 1])) {
      wanted.add(`${u}/${i}`);
    }
  }
  expect(pairs).toEqual(wanted);
});
