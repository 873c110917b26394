import type { EnsembleDefinition, RankingTable, TeacherView } from "@kdp/plugin-api";
import { describe, expect, it } from "vitest";
import { ensembles } from "./index.js";

const ITEMS = 6;

const lists = (rows: readonly (readonly number[])[]): RankingTable => {
  const k = Math.max(...rows.map((row) => row.length));
  const ids = Int32Array.from(rows.flatMap((row) => [...row, ...Array(k - row.length).fill(-1)]));
  return { rows: rows.length, k, ids, scores: null };
};

function member(name: string, rows: readonly (readonly number[])[], more: Partial<TeacherView> = {}): TeacherView {
  return { name, ranking: lists(rows), ...more };
}

/** `[user][item]` scores as a view. */
const scores = (table: readonly (readonly number[])[]): Pick<TeacherView, "scores"> => ({
  scores: (list, out) => {
    for (let at = 0; at < list.rows * list.k; at++) {
      const item = list.others[at] as number;
      out[at] = item < 0 ? -Infinity : (table[list.ids[Math.floor(at / list.k)] as number]?.[item] as number);
    }
  },
});

function combine(
  name: keyof typeof ensembles,
  params: object,
  members: readonly TeacherView[],
  users = 1,
): RankingTable {
  const definition: EnsembleDefinition = ensembles[name];
  const defaults = Object.fromEntries(Object.entries(definition.params).map(([key, schema]) => [key, schema.default]));
  return definition.combine({
    params: { ...defaults, ...params } as never,
    users,
    items: ITEMS,
    train: { users, items: ITEMS, offsets: new Int32Array(users + 1), itemIds: new Int32Array() },
    members,
    kernels: null as never,
  });
}

const rounded = (values: Float32Array | null) => [...(values ?? [])].map((value) => Math.round(value * 1e5) / 1e5);

describe("borda", () => {
  it("adds the places of the lists from the end, by hand", () => {
    const crowd = combine("borda", { top: 4, depth: 3 }, [member("a", [[2, 0, 1]]), member("b", [[0, 3, 1]])]);
    // 0: 2 + 3, 2: 3, 1: 1 + 1, 3: 2; 1 and 3 tie, the smaller id stands first.
    expect([...crowd.ids]).toEqual([0, 2, 1, 3]);
    expect(rounded(crowd.scores)).toEqual([5, 3, 2, 2]);
  });

  it("short and empty lists end with -1", () => {
    const crowd = combine("borda", { top: 3, depth: 3 }, [member("a", [[2], [], [1, 0]])], 3);
    expect([...crowd.ids]).toEqual([2, -1, -1, -1, -1, -1, 1, 0, -1]);
    expect(crowd.scores?.[1]).toBe(-Infinity);
  });

  it("is no longer than the catalogue", () => {
    expect(combine("borda", { top: 100, depth: 3 }, [member("a", [[2, 1]])]).k).toBe(ITEMS);
  });
});

describe("rrf", () => {
  it("adds reciprocal ranks, by hand", () => {
    const crowd = combine("rrf", { top: 3, k: 1 }, [member("a", [[2, 0, 1]]), member("b", [[0, 1]])]);
    expect([...crowd.ids]).toEqual([0, 1, 2]);
    expect(rounded(crowd.scores)).toEqual([1 / 3 + 1 / 2, 1 / 4 + 1 / 3, 1 / 2].map((v) => Math.round(v * 1e5) / 1e5));
  });
});

describe("importance", () => {
  const final = [[2, 0, 1]];

  it("falls with rank", () => {
    const crowd = combine("importance", { top: 3 }, [member("a", final)]);
    expect([...crowd.ids]).toEqual([2, 0, 1]);
    expect(rounded(crowd.scores)).toEqual([1, Math.exp(-0.1), Math.exp(-0.2)].map((v) => Math.round(v * 1e5) / 1e5));
  });

  it("and rises with the agreement of the snapshots, by hand", () => {
    // Ranks over two snapshots of length 3: item 2: 1, 0; item 0: 3 (not listed), 1; item 1: 2, 2.
    const trajectory = [lists([[5, 2, 1]]), lists(final)];
    const crowd = combine("importance", { top: 3, rank_scale: 10, spread_scale: 2 }, [
      member("a", final, { trajectory }),
    ]);
    const points = [
      [2, 1 + Math.exp(-0.5 / 2)],
      [1, Math.exp(-0.2) + 1],
      [0, Math.exp(-0.1) + Math.exp(-1 / 2)],
    ] as const;
    expect([...crowd.ids]).toEqual([1, 2, 0]);
    expect(rounded(crowd.scores)).toEqual(
      [points[1], points[0], points[2]].map(([, value]) => Math.round(value * 1e5) / 1e5),
    );
    const without = combine("importance", { top: 3, consistency: false }, [member("a", final, { trajectory })]);
    expect([...without.ids]).toEqual([2, 0, 1]);
  });
});

describe("mean_score", () => {
  const a = member("a", [[0, 1]], scores([[10, 8, 6, 4, 2, 0]]));
  const b = member("b", [[2, 1]], scores([[0, 0.5, 1, 0, 0, 0]]));

  it("averages standardised scores over what any member lists, by hand", () => {
    const crowd = combine("mean_score", { top: 3 }, [a, b]);
    // Candidates 0 1 2: a is 10 8 6 and b 0 .5 1: both standardise to ±1.2247 and 0, against each other.
    expect([...crowd.ids]).toEqual([0, 1, 2]);
    expect(rounded(crowd.scores)).toEqual([0, 0, 0]);
    const tilted = combine("mean_score", { top: 3 }, [a, a, b]);
    expect([...tilted.ids]).toEqual([0, 1, 2]);
    expect(rounded(tilted.scores)).toEqual([0.40825, 0, -0.40825]);
  });

  it("scales to 0..1, or not at all", () => {
    expect(rounded(combine("mean_score", { top: 3, normalise: "minmax" }, [a, a, b]).scores)).toEqual([
      0.66667, 0.5, 0.33333,
    ]);
    const raw = combine("mean_score", { top: 3, normalise: "none" }, [a, b]);
    expect(rounded(raw.scores)).toEqual([5, 4.25, 3.5]);
  });

  it("a member that scores all alike has no say", () => {
    const flat = member("c", [[1, 0, 2]], scores([[7, 7, 7, 7, 7, 7]]));
    expect([...combine("mean_score", { top: 3 }, [a, flat]).ids]).toEqual([0, 1, 2]);
  });

  it("counts an item that a member has no score for as the lowest that it has", () => {
    // A file that lists items 2 and 1 only: 0 counts as 1 does.
    const file = member("f", [[2, 1]], scores([[-Infinity, 0.5, 1, -Infinity, -Infinity, -Infinity]]));
    const spare = member("s", [[0, 1, 2]], scores([new Array(6).fill(-Infinity)]));
    for (const normalise of ["zscore", "minmax", "none"]) {
      const crowd = combine("mean_score", { top: 3, normalise }, [a, file, spare]);
      const same = combine("mean_score", { top: 3, normalise }, [
        a,
        member("f", [[2, 1]], scores([[0.5, 0.5, 1, 0, 0, 0]])),
        member("s", [[0, 1, 2]], scores([[0, 0, 0, 0, 0, 0]])),
      ]);
      expect([...crowd.ids]).toEqual([...same.ids]);
      expect(rounded(crowd.scores)).toEqual(rounded(same.scores));
      expect(crowd.scores?.every(Number.isFinite)).toBe(true);
    }
  });

  it("keeps users apart over several blocks", () => {
    const users = 600;
    const rows = Array.from({ length: users }, (_, u) => [u % ITEMS, (u + 1) % ITEMS]);
    const table = rows.map(([first, second]) =>
      Array.from({ length: ITEMS }, (_, i) => (i === first ? 2 : i === second ? 1 : 0)),
    );
    const crowd = combine("mean_score", { top: 2, normalise: "none" }, [member("a", rows, scores(table))], users);
    expect([...crowd.ids]).toEqual(rows.flat());
  });
});
