import { describe, expect, it } from "vitest";
import { RowBuffer } from "./row-buffer.js";

describe("rows as they are read", () => {
  it("come out in order across blocks, once", () => {
    const rows = new RowBuffer({ rating: true, timestamp: true });
    const n = 600_000;
    for (let i = 0; i < n; i++) rows.add(i, n - i, i / 2, BigInt(i) << 33n);
    expect(rows.length).toBe(n);
    const { user, item, rating, timestamp } = rows.columns();
    const wrong = user.findIndex(
      (value, i) =>
        value !== i || item[i] !== n - i || rating?.[i] !== Math.fround(i / 2) || timestamp?.[i] !== BigInt(i) << 33n,
    );
    expect([user.length, item.length, rating?.length, timestamp?.length, wrong]).toEqual([n, n, n, n, -1]);
  });

  it("have no column that the source has not", () => {
    const rows = new RowBuffer({ rating: false, timestamp: false });
    rows.add(1, 2, 3, 4n);
    expect(rows.columns()).toEqual({ user: Int32Array.of(1), item: Int32Array.of(2), rating: null, timestamp: null });
  });
});
