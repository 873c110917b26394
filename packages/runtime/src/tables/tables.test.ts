import { type RecordBatch, Table, tableFromIPC, tableToIPC } from "apache-arrow";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { RuntimeFault } from "../faults.js";
import { checkTable } from "./check-table.js";
import { tableOf, utf8DataOf } from "./columns.js";
import { curvesFromTable, curvesToTable } from "./curves.js";
import { FACTOR_FIELDS, matrixFromTable, matrixToTable } from "./factors.js";
import {
  INTERACTION_FIELDS,
  interactionsFromTable,
  interactionsToTable,
  takeRows,
  toInteractions,
  transpose,
  unionOf,
} from "./interactions.js";
import {
  METRIC_FIELDS,
  metricKey,
  metricsFromTable,
  metricsToTable,
  perUserFromTable,
  perUserToTable,
} from "./metrics.js";
import { RANKING_FIELDS, rankingFromTable, rankingToTable, truncateRanking } from "./rankings.js";
import { rowLookup, VOCABULARY_FIELDS, vocabularyFromTable, vocabularyToTable } from "./vocabulary.js";

/** Through the file format and back, in two record batches. */
function stored(table: Table): Table {
  const half = table.numRows >> 1;
  const parts = half > 0 ? [table.slice(0, half), table.slice(half)] : [table];
  const batches: RecordBatch[] = parts.flatMap((part) => part.batches);
  return tableFromIPC(tableToIPC(new Table(table.schema, batches), "file"));
}

const place = { node: "kd", port: "events", from: "split", table: "train" };
const row = (user: number, item: number) => ({ user, item });

describe("codecs keep every value", () => {
  it("interactions with rating and timestamp", () => {
    const table = {
      users: 3,
      items: 4,
      user: Int32Array.of(0, 2, 2),
      item: Int32Array.of(3, 0, 1),
      rating: Float32Array.of(1, 2.5, -1),
      timestamp: BigInt64Array.of(-2n, 0n, 1n << 40n),
    };
    for (const through of [(t: Table) => t, stored]) {
      expect(interactionsFromTable(through(interactionsToTable(table)))).toEqual(table);
    }
    checkTable(stored(interactionsToTable(table)), INTERACTION_FIELDS, place);
    const plain = { ...table, rating: null, timestamp: null };
    expect(interactionsFromTable(stored(interactionsToTable(plain)))).toEqual(plain);
  });

  it("reads without copying when the table is one batch", () => {
    const user = Int32Array.of(0, 1);
    const table = interactionsToTable({
      users: 2,
      items: 1,
      user,
      item: Int32Array.of(0, 0),
      rating: null,
      timestamp: null,
    });
    expect(interactionsFromTable(table).user.buffer).toBe(user.buffer);
  });

  it("empty interactions", () => {
    const none = { users: 2, items: 2, user: new Int32Array(), item: new Int32Array(), rating: null, timestamp: null };
    expect(interactionsFromTable(stored(interactionsToTable(none)))).toEqual(none);
  });

  it("vocabularies with unicode, tabs and empty ids", () => {
    const ids = ["42", "naïve", "日本\t語", "", "🙂"];
    const table = stored(vocabularyToTable(ids));
    checkTable(table, VOCABULARY_FIELDS, place);
    expect(vocabularyFromTable(table)).toEqual(ids);
    expect(rowLookup(ids)("日本\t語")).toBe(2);
    expect(rowLookup(ids)("7")).toBe(-1);
  });

  it("matrices", () => {
    const matrix = { rows: 3, cols: 2, values: Float32Array.of(1, 2, 3, 4, 5, 6) };
    const table = stored(matrixToTable(matrix));
    checkTable(table, FACTOR_FIELDS, place);
    expect(matrixFromTable(table)).toEqual(matrix);
    expect(() => matrixToTable({ ...matrix, rows: 2 })).toThrow("2 x 2 has 6 values");
  });

  it("rankings, and their beginnings", () => {
    const ranking = {
      rows: 2,
      k: 3,
      ids: Int32Array.of(4, 1, 2, 0, -1, -1),
      scores: Float32Array.of(3, 2, 1, 9, -Infinity, -Infinity),
    };
    const table = stored(rankingToTable(ranking));
    checkTable(table, RANKING_FIELDS, place);
    expect(rankingFromTable(table)).toEqual(ranking);
    expect(rankingFromTable(stored(rankingToTable({ ...ranking, scores: null }))).scores).toBeNull();
    expect(truncateRanking(ranking, 1)).toEqual({
      rows: 2,
      k: 1,
      ids: Int32Array.of(4, 0),
      scores: Float32Array.of(3, 9),
    });
    expect(truncateRanking(ranking, 5)).toBe(ranking);
  });

  it("metrics", () => {
    const rows = [
      { metric: "ndcg", cutoff: 10, group: "all", value: 0.25, epoch: null },
      { metric: "gini", cutoff: null, group: "all", value: Number.NaN, epoch: null },
      { metric: "hit", cutoff: 5, group: "all", value: 1, epoch: 7 },
    ];
    const table = stored(metricsToTable(rows));
    checkTable(table, METRIC_FIELDS, place);
    expect(metricsFromTable(table)).toEqual(rows);
    expect(metricsToTable(rows.slice(0, 2)).schema.names).not.toContain("epoch");
    expect(rows.map(metricKey)).toEqual(["ndcg@10", "gini", "hit@5"]);
    const perUser = { user: Int32Array.of(0, 4), values: { "hit@5": Float64Array.of(1, Number.NaN) } };
    expect(perUserFromTable(stored(perUserToTable(perUser)))).toEqual(perUser);
  });

  it("curves", () => {
    const points = [
      { epoch: 0, key: "loss/base", value: 0.7 },
      { epoch: 1, key: "valid/ndcg@10", value: 0.1 },
    ];
    expect(curvesFromTable(stored(curvesToTable(points)))).toEqual(points);
  });
});

describe("checkTable", () => {
  const fault = (table: Table) => {
    try {
      checkTable(table, INTERACTION_FIELDS, place);
    } catch (error) {
      return (error as RuntimeFault).data;
    }
    throw new Error("nothing thrown");
  };

  it("names node, port, expected and got", () => {
    const table = tableOf({ user: utf8DataOf(["a"]), item: utf8DataOf(["b"]) });
    expect(fault(table)).toMatchObject({
      code: "KDP8009",
      kind: "run",
      place: "kd",
      message:
        'port "events" of kd cannot read table "train" of split: column "user" is Utf8, not Int32\n' +
        "  expected user: Int32, item: Int32, rating?: Float32, timestamp?: Int64\n" +
        "  got      user: Utf8, item: Utf8",
    });
    expect(fault(new Table()).message).toContain('no column "user"');
  });

  it("refuses nulls", () => {
    const rows = [{ metric: "a", cutoff: null, group: "all", value: 1, epoch: null }];
    const spec = METRIC_FIELDS.map((field) => ({ ...field, nullable: false }));
    expect(() => checkTable(metricsToTable(rows), spec, place)).toThrow('column "cutoff" has 1 nulls');
  });
});

describe("grouping", () => {
  const pairs = fc.uniqueArray(fc.tuple(fc.nat(5), fc.nat(7)), { selector: ([u, i]) => u * 8 + i, maxLength: 30 });
  const grouped = (list: readonly (readonly [number, number])[]) =>
    toInteractions({ user: Int32Array.from(list, ([u]) => u), item: Int32Array.from(list, ([, i]) => i) }, 6, 8);
  const listed = (set: ReturnType<typeof grouped>) =>
    Array.from({ length: set.users }, (_, u) => [
      ...set.itemIds.subarray(set.offsets[u] as number, set.offsets[u + 1] as number),
    ]);
  const expected = (list: readonly (readonly [number, number])[]) =>
    Array.from({ length: 6 }, (_, u) =>
      [...new Set(list.filter(([user]) => user === u).map(([, i]) => i))].sort((a, b) => a - b),
    );

  it("lists each user's items in ascending order", () => {
    fc.assert(
      fc.property(pairs, (list) => {
        expect(listed(grouped(list))).toEqual(expected(list));
      }),
    );
  });

  it("transposed twice is the same", () => {
    fc.assert(
      fc.property(pairs, (list) => {
        const swapped = transpose(grouped(list));
        expect(swapped.users).toBe(8);
        expect(transpose(swapped)).toEqual(grouped(list));
      }),
    );
  });

  it("unites sets, a pair in both once", () => {
    fc.assert(
      fc.property(pairs, pairs, (a, b) => {
        expect(listed(unionOf([grouped(a), grouped(b)], 6, 8))).toEqual(expected([...a, ...b]));
      }),
    );
    expect(unionOf([grouped([[1, 2]])], 6, 8)).toEqual(grouped([[1, 2]]));
  });

  it("takes rows with all their columns", () => {
    const table = {
      users: 2,
      items: 3,
      user: Int32Array.of(0, 1, 1),
      item: Int32Array.of(2, 1, 0),
      rating: Float32Array.of(5, 4, 3),
      timestamp: BigInt64Array.of(10n, 11n, 12n),
    };
    const taken = takeRows(table, Int32Array.of(2, 0));
    expect([...taken.user].map((user, i) => row(user, taken.item[i] as number))).toEqual([row(1, 0), row(0, 2)]);
    expect(taken.rating).toEqual(Float32Array.of(3, 5));
    expect(taken.timestamp).toEqual(BigInt64Array.of(12n, 10n));
  });
});
