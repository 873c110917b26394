import * as fc from "fast-check";
import { expect, it } from "vitest";
import { scoreBlocks } from "./score-blocks.js";

const size = fc.integer({ min: 1, max: 5000 });

it("covers all users and items in order, and no tensor is larger than the device takes", () => {
  fc.assert(
    fc.property(size, size, fc.integer({ min: 1, max: 300 }), fc.integer({ min: 1, max: 100 }), (u, i, cols, rows) => {
      const largest = 4 * cols * rows;
      const { users, items } = scoreBlocks(u, i, cols, largest);
      for (const [ranges, n] of [
        [users, u],
        [items, i],
      ] as const) {
        expect(ranges[0]?.from).toBe(0);
        expect(ranges.at(-1)?.to).toBe(n);
        ranges.slice(1).forEach(({ from }, at) => {
          expect(from).toBe(ranges[at]?.to);
        });
      }
      const widest = Math.max(...items.map(({ from, to }) => to - from));
      const tallest = Math.max(...users.map(({ from, to }) => to - from));
      expect(Math.min(widest, tallest)).toBeGreaterThan(0);
      for (const numbers of [widest * tallest, widest * cols, tallest * cols]) {
        expect(4 * numbers).toBeLessThanOrEqual(largest);
      }
    }),
  );
});

it("keeps users together and divides items only where their rows would leave few users", () => {
  expect(scoreBlocks(1000, 20_000, 200, 2 ** 31).items).toHaveLength(1);
  expect(scoreBlocks(1000, 20_000, 200, 2 ** 31).users).toHaveLength(2);
  const { users, items } = scoreBlocks(1000, 1_000_000, 200, 2 ** 31);
  expect([users.length, items.length]).toEqual([16, 4]);
  expect(scoreBlocks(3, 1_000_000, 200, 2 ** 31)).toMatchObject({ users: { length: 1 }, items: { length: 1 } });
});
