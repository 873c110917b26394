import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Filters, filterInteractions, renumber } from "./filter-interactions.js";

const off: Filters = { minRating: null, minInteractions: null, minItemInteractions: null, core: null };

const tableOf = (rows: readonly (readonly [number, number, number?])[]) => ({
  users: 6,
  items: 6,
  user: Int32Array.from(rows, ([u]) => u),
  item: Int32Array.from(rows, ([, i]) => i),
  rating: Float32Array.from(rows, ([, , r]) => r ?? 1),
});

describe("filterInteractions", () => {
  it("keeps the first of repeated pairs and counts the others", () => {
    const result = filterInteractions(
      tableOf([
        [0, 1],
        [1, 1],
        [0, 1],
        [0, 2],
        [0, 1],
      ]),
      off,
    );
    expect(result).toEqual({ rows: Int32Array.of(0, 1, 3), belowRating: 0, duplicates: 2 });
  });

  it("drops low ratings first, so that a pair stays when one of its events passes", () => {
    const table = tableOf([
      [0, 1, 2],
      [0, 1, 5],
      [0, 2, 3.9],
    ]);
    expect(filterInteractions(table, { ...off, minRating: 4 })).toEqual({
      rows: Int32Array.of(1),
      belowRating: 2,
      duplicates: 0,
    });
  });

  it("counts users and items once, over the same rows", () => {
    // Item 1 has two interactions before user 2 is dropped for having one; it stays with the one that is left.
    const table = tableOf([
      [0, 0],
      [0, 1],
      [1, 0],
      [1, 2],
      [2, 1],
    ]);
    const both = { ...off, minInteractions: 2, minItemInteractions: 2 };
    expect(filterInteractions(table, both).rows).toEqual(Int32Array.of(0, 1, 2));
    expect(filterInteractions(table, { ...off, core: 2 }).rows.length).toBe(0);
  });

  it("core: every user and item that is left has enough, and no more could stay", () => {
    const rows = fc.uniqueArray(fc.tuple(fc.nat(5), fc.nat(5)), { selector: ([u, i]) => u * 6 + i, maxLength: 30 });
    fc.assert(
      fc.property(rows, fc.integer({ min: 1, max: 3 }), (list, core) => {
        const table = tableOf(list);
        let expected = list.map((_, row) => row);
        for (;;) {
          const of = (column: 0 | 1, id: number) => expected.filter((row) => list[row]?.[column] === id).length;
          const next = expected.filter(
            (row) => of(0, list[row]?.[0] as number) >= core && of(1, list[row]?.[1] as number) >= core,
          );
          if (next.length === expected.length) break;
          expected = next;
        }
        expect([...filterInteractions(table, { ...off, core }).rows]).toEqual(expected);
      }),
    );
  });

  it("numbers what is left by first appearance", () => {
    expect(renumber(Int32Array.of(4, 2, 4, 0), Int32Array.of(1, 2, 3), 5)).toEqual({
      to: Int32Array.of(2, -1, 0, -1, 1),
      kept: Int32Array.of(2, 4, 0),
    });
  });
});
