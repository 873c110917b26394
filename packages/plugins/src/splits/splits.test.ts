import {
  type InteractionTable,
  isInputError,
  type RandomStream,
  type SplitDefinition,
  type Streams,
} from "@kdp/plugin-api";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { leaveOneOut } from "./leave-one-out.js";
import { randomSplit } from "./random-split.js";
import { sizesOf } from "./ratios.js";
import { timeSplit } from "./time-split.js";

/** Mulberry32: any good generator serves to test what the splits do with one. */
function testStream(seed: number): RandomStream {
  let state = seed | 0;
  const uniform = () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
  const below = (bound: number) => Math.floor(uniform() * bound);
  return {
    uniform,
    below,
    normal: () => 0,
    fillNormal: () => {},
    fillUniform: () => {},
    shuffle: (values) => {
      for (let i = values.length - 1; i > 0; i--) {
        const j = below(i + 1);
        const kept = values[i] as number;
        values[i] = values[j] as number;
        values[j] = kept;
      }
    },
  };
}

const streams = (seed: number): Streams => ({ stream: () => testStream(seed) });

/** Users with the given items, in file order; the time stamp is the last entry of a pair. */
function tableOf(rows: readonly (readonly [user: number, item: number, time?: number])[]): InteractionTable {
  return {
    users: Math.max(0, ...rows.map(([u]) => u + 1)),
    items: Math.max(0, ...rows.map(([, i]) => i + 1)),
    user: Int32Array.from(rows, ([u]) => u),
    item: Int32Array.from(rows, ([, i]) => i),
    rating: null,
    timestamp: BigInt64Array.from(rows, ([, , t]) => BigInt(t ?? 0)),
  };
}

function split(definition: SplitDefinition, table: InteractionTable, params: object, seed = 1) {
  const defaults = Object.fromEntries(
    Object.entries(definition.params).map(([name, schema]) => [name, schema.default]),
  );
  const result = definition.split?.({ params: { ...defaults, ...params } as never, table, streams: streams(seed) });
  if (!result) throw new Error("no split");
  return result;
}

const sorted = (rows: Int32Array) => [...rows].sort((a, b) => a - b);
const usersOf = (table: InteractionTable, rows: Int32Array) => [...rows].map((row) => table.user[row] as number);

const histories = fc
  .array(fc.integer({ min: 0, max: 12 }), { minLength: 1, maxLength: 8 })
  .map((sizes) =>
    tableOf(
      sizes.flatMap((n, user) => Array.from({ length: n }, (_, i) => [user, (i * 7 + user) % 13, i % 4] as const)),
    ),
  );

describe("leave_one_out", () => {
  it("holds one item each out of users with three or more, and loses no row", () => {
    fc.assert(
      fc.property(histories, fc.nat(), (table, seed) => {
        const { train, valid, test } = split(leaveOneOut, table, {}, seed);
        expect(sorted(Int32Array.of(...train, ...valid, ...test))).toEqual([...table.user.keys()]);
        const counts = Array.from({ length: table.users }, (_, user) => table.user.filter((u) => u === user).length);
        const eligible = counts.flatMap((n, user) => (n >= 3 ? [user] : []));
        expect(usersOf(table, valid)).toEqual(eligible);
        expect(usersOf(table, test)).toEqual(eligible);
      }),
    );
  });

  it("draws every pair of rows equally often", () => {
    const table = tableOf([
      [0, 0],
      [0, 1],
      [0, 2],
    ]);
    const counts = new Map<string, number>();
    for (let seed = 0; seed < 6000; seed++) {
      const { valid, test } = split(leaveOneOut, table, {}, seed);
      counts.set(`${valid}${test}`, (counts.get(`${valid}${test}`) ?? 0) + 1);
    }
    expect(counts.size).toBe(6);
    for (const count of counts.values()) expect(Math.abs(count - 1000)).toBeLessThan(130);
  });

  it("counts the users who keep all for training", () => {
    const { train, notes } = split(
      leaveOneOut,
      tableOf([
        [0, 0],
        [0, 1],
        [1, 0],
        [1, 1],
        [1, 2],
      ]),
      {},
    );
    expect(sorted(train).slice(0, 2)).toEqual([0, 1]);
    expect(notes).toEqual(["1 user has fewer than 3 interactions: all of them train"]);
  });
});

describe("shares", () => {
  it("round held-out parts down and give training the rest", () => {
    const thirds = { train: 0.6, valid: 0.2, test: 0.2 };
    expect([3, 4, 5, 6, 9, 10].map((n) => sizesOf(n, thirds))).toEqual([
      { train: 3, valid: 0, test: 0 },
      { train: 4, valid: 0, test: 0 },
      { train: 3, valid: 1, test: 1 },
      { train: 4, valid: 1, test: 1 },
      { train: 7, valid: 1, test: 1 },
      { train: 6, valid: 2, test: 2 },
    ]);
    expect(sizesOf(10, { train: 0.5, valid: 0.2, test: 0.2 })).toEqual({ train: 5, valid: 2, test: 2 });
  });
});

describe("random_split", () => {
  it("gives each user's shares, and each row to one part", () => {
    fc.assert(
      fc.property(histories, fc.nat(), (table, seed) => {
        const { train, valid, test } = split(randomSplit, table, { drop_cold: false }, seed);
        expect(sorted(Int32Array.of(...train, ...valid, ...test))).toEqual([...table.user.keys()]);
        for (let user = 0; user < table.users; user++) {
          const n = table.user.filter((u) => u === user).length;
          expect(usersOf(table, test).filter((u) => u === user).length).toBe(Math.floor(0.2 * n));
          expect(usersOf(table, valid).filter((u) => u === user).length).toBe(Math.floor(0.2 * n));
        }
      }),
    );
  });

  it("leaves cold items out, and with `paired` users who then lack a part", () => {
    fc.assert(
      fc.property(histories, fc.nat(), (table, seed) => {
        const all = split(randomSplit, table, { drop_cold: false }, seed);
        const warm = split(randomSplit, table, {}, seed);
        const known = new Set([...all.train].map((row) => table.item[row]));
        for (const part of ["valid", "test"] as const) {
          expect([...warm[part]]).toEqual([...all[part]].filter((row) => known.has(table.item[row])));
        }
        const paired = split(randomSplit, table, { paired: true }, seed);
        const both = new Set(usersOf(table, warm.valid).filter((u) => usersOf(table, warm.test).includes(u)));
        for (const part of ["valid", "test"] as const) {
          expect([...paired[part]]).toEqual([...warm[part]].filter((row) => both.has(table.user[row] as number)));
        }
      }),
    );
  });

  it("refuses shares of more than all", () => {
    const run = () => split(randomSplit, tableOf([[0, 0]]), { train: 0.9 });
    expect(run).toThrow("add up to 1.3");
    try {
      run();
    } catch (error) {
      expect(isInputError(error) && error.code).toBe("KDP7107");
    }
  });
});

describe("time_split", () => {
  const table = tableOf([
    [0, 0, 50],
    [0, 1, 10],
    [0, 2, 40],
    [1, 0, 20],
    [1, 1, 60],
    [0, 3, 30],
    [1, 2, 60],
    [1, 3, 70],
  ]);

  it("by user: the latest tests", () => {
    const shares = { train: 0.5, valid: 0.25, test: 0.25 };
    const { train, valid, test } = split(timeSplit, table, { ...shares, drop_cold: false });
    expect([sorted(train), sorted(valid), sorted(test)]).toEqual([
      [1, 3, 4, 5],
      [2, 6],
      [0, 7],
    ]);
  });

  it("by user: `last: 1` is leave-last-out; short histories train", () => {
    const short = tableOf([
      [0, 0, 3],
      [0, 1, 1],
      [0, 2, 2],
      [1, 0, 1],
      [1, 1, 2],
    ]);
    const { train, valid, test } = split(timeSplit, short, { last: 1, drop_cold: false });
    expect([sorted(train), sorted(valid), sorted(test)]).toEqual([[1, 3, 4], [2], [0]]);
  });

  it("by all: no moment is torn, and nothing in training is later than what is held out", () => {
    const shares = { by: "all", train: 0.5, valid: 0.25, test: 0.25, drop_cold: false };
    const { train, valid, test } = split(timeSplit, table, shares);
    expect([sorted(train), sorted(valid), sorted(test)]).toEqual([[1, 2, 3, 5], [0], [4, 6, 7]]);
  });

  it("by all: leaves interactions of unseen users and items out, and says so", () => {
    const rows = tableOf([
      [0, 0, 1],
      [0, 1, 2],
      [1, 0, 3],
      [0, 2, 4],
    ]);
    const { train, test, notes } = split(timeSplit, rows, { by: "all", train: 0.5, valid: 0.25, test: 0.25 });
    expect([sorted(train), sorted(test)]).toEqual([[0, 1], []]);
    expect(notes).toEqual([
      "1 held-out interaction of items that training never saw left out",
      "1 held-out interaction of users that training never saw left out",
    ]);
  });

  it("by all: says which part a moment has swallowed", () => {
    const rows = tableOf([
      [0, 0, 1],
      [1, 0, 1],
      [0, 1, 2],
      [1, 1, 2],
    ]);
    const { valid, test, notes } = split(timeSplit, rows, {
      by: "all",
      train: 0.5,
      valid: 0.25,
      test: 0.25,
      drop_cold: false,
    });
    expect([sorted(valid), sorted(test)]).toEqual([[], [2, 3]]);
    expect(notes).toEqual(["valid is empty: the data have too few moments to cut it off"]);
  });

  it("refuses `last` with `by: all`", () => {
    expect(() => split(timeSplit, table, { by: "all", last: 1 })).toThrow("does not go with");
  });
});
