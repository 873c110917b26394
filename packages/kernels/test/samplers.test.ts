import type { Kernels, RandomKey } from "@kdp/plugin-api";
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { bothKernels, type Compare, comparison, csr, ids } from "./support.js";

let compare: Compare;
let wasm: Kernels;
let plain: Kernels;
beforeAll(async () => {
  ({ wasm, plain } = await bothKernels());
  compare = comparison(wasm, plain);
});

const seeds = fc.integer({ min: 1, max: 1e6 });
const keyOf = (seed: number): RandomKey => ({ key: [seed * 7919, -seed], nonce: [seed ^ 0x5bd1e995, 3] });

describe("words", () => {
  // Known-answer vectors published with the paper (Random123, kat_vectors). Only counters whose block number can be
  // reached from the start of a lane are asked for here; the plain form of a block is checked in philox.test.ts.
  it("Philox4x32-10 of a zero counter and key", () => {
    for (const k of [wasm, plain]) {
      const out = k.i32(4);
      k.randomWords({ key: [0, 0], nonce: [0, 0] }, 0, 4, out);
      expect(Array.from(out, (w) => (w >>> 0).toString(16))).toEqual(["6627e8d5", "e169c58d", "bc57ac4c", "9b00dbd8"]);
    }
  });

  it("are the same on both sides, any number of them, unsigned parts too", () => {
    fc.assert(
      fc.property(seeds, fc.integer({ min: 0, max: 50 }), fc.integer({ min: 0, max: 2 ** 32 - 1 }), (seed, n, lane) => {
        compare(0, (k) => {
          const out = k.i32(n + 1).fill(9);
          k.randomWords(keyOf(seed), lane, n, out);
          expect(out[n]).toBe(9);
          const gumbel = k.f32(n);
          k.randomGumbel({ key: [2 ** 32 - 1, seed], nonce: [0, -1] }, lane, n, gumbel);
          return [out, gumbel];
        });
      }),
    );
  });

  it("Gumbel numbers have the distribution's mean and deviation", () => {
    const n = 200_000;
    wasm.scope(() => {
      const out = wasm.f32(n);
      wasm.randomGumbel(keyOf(1), 0, n, out);
      expect(out.every(Number.isFinite)).toBe(true);
      const mean = out.reduce((sum, x) => sum + x / n, 0);
      const variance = out.reduce((sum, x) => sum + (x - mean) ** 2 / n, 0);
      expect(Math.abs(mean - 0.5772)).toBeLessThan(0.01);
      expect(Math.abs(variance - Math.PI ** 2 / 6)).toBeLessThan(0.03);
    });
  });
});

describe("sampleUnlisted and sampleUnlistedSets", () => {
  it("draw the same on both sides, never a listed item, -1 where none is left", () => {
    fc.assert(
      fc.property(
        seeds,
        fc.integer({ min: 1, max: 12 }),
        fc.integer({ min: 0, max: 20 }),
        fc.integer({ min: 0, max: 9 }),
        (seed, users, items, k) => {
          compare(0, (kernels) => {
            const listed = csr(seed, users, items, 8);
            const [offsets, columns] = [kernels.i32From(listed.offsets), kernels.i32From(listed.columns)];
            const n = 37;
            const userIds = kernels.i32From(ids(seed + 1, n, users));
            const [one, sets] = [kernels.i32(n), kernels.i32(n * k)];
            kernels.sampleUnlisted(keyOf(seed), 5, userIds, n, offsets, columns, items, one);
            kernels.sampleUnlistedSets(keyOf(seed), userIds, n, k, offsets, columns, items, sets);
            for (let r = 0; r < n; r++) {
              const u = userIds[r] as number;
              const own = new Set(listed.columns.subarray(listed.offsets[u], listed.offsets[u + 1]));
              const free = items - own.size;
              const allowed = (item: number) => item >= 0 && item < items && !own.has(item);
              expect(free === 0 ? one[r] === -1 : allowed(one[r] as number)).toBe(true);
              const set = Array.from(sets.subarray(r * k, (r + 1) * k));
              const drawn = set.slice(0, Math.min(k, free));
              expect(drawn.every(allowed)).toBe(true);
              expect(new Set(drawn).size).toBe(drawn.length);
              expect(set.slice(drawn.length).every((item) => item === -1)).toBe(true);
            }
            return [one, sets];
          });
        },
      ),
      { numRuns: 60 },
    );
  });

  it("draw every item, and every set, equally often", () => {
    const n = 60_000;
    wasm.scope(() => {
      const userIds = wasm.i32From(Int32Array.from({ length: n }, (_, r) => r));
      const offsets = wasm.i32From(Int32Array.from({ length: n + 1 }, (_, r) => 2 * r));
      const listed = wasm.i32From(Int32Array.from({ length: 2 * n }, (_, q) => (q % 2 === 0 ? 1 : 4)));
      const one = wasm.i32(n);
      wasm.sampleUnlisted(keyOf(3), 0, userIds, n, offsets, listed, 7, one);
      const counts = new Map<string, number>();
      const count = (name: string) => counts.set(name, (counts.get(name) ?? 0) + 1);
      for (const item of one) count(`${item}`);
      expect([...counts.keys()].sort()).toEqual(["0", "2", "3", "5", "6"]);
      const chi2 = (each: number) => [...counts.values()].reduce((sum, c) => sum + (c - each) ** 2 / each, 0);
      expect(chi2(n / 5)).toBeLessThan(18.5); // 4 degrees of freedom, p = .001
      counts.clear();
      const sets = wasm.i32(3 * n);
      wasm.sampleUnlistedSets(keyOf(4), userIds, n, 3, offsets, listed, 7, sets);
      for (let r = 0; r < n; r++)
        count(
          Array.from(sets.subarray(3 * r, 3 * r + 3))
            .sort()
            .join(),
        );
      expect(counts.size).toBe(10);
      expect(chi2(n / 10)).toBeLessThan(27.9); // 9 degrees of freedom, p = .001
    });
  });

  it("give a user the same set whoever else is drawn for", () => {
    wasm.scope(() => {
      const offsets = wasm.i32(5);
      const draw = (users: number[]) => {
        const out = wasm.i32(users.length * 3);
        wasm.sampleUnlistedSets(keyOf(2), wasm.i32From(users), users.length, 3, offsets, wasm.i32(0), 50, out);
        return Array.from(out);
      };
      expect(draw([3, 1]).slice(3)).toEqual(draw([1]));
    });
  });
});

describe("sampleByRank", () => {
  it("draws the same on both sides: distinct, ascending, short pools filled", () => {
    const temperatures = fc.constantFrom(0.3, 2, 10, 1e4);
    fc.assert(
      fc.property(
        seeds,
        fc.integer({ min: 0, max: 12 }),
        fc.integer({ min: 0, max: 150 }),
        temperatures,
        (seed, k, most, temperature) => {
          compare(0, (kernels) => {
            const n = 6;
            const sizes = kernels.i32From(ids(seed, n, most + 1));
            const out = kernels.i32(n * k);
            kernels.sampleByRank(keyOf(seed), kernels.i32From(ids(seed + 1, n, 1000)), sizes, n, k, temperature, out);
            for (let r = 0; r < n; r++) {
              const size = sizes[r] as number;
              const row = Array.from(out.subarray(r * k, (r + 1) * k));
              const drawn = row.slice(0, Math.min(k, size));
              expect(drawn.every((p, c) => p >= 0 && p < size && (c === 0 || p > (drawn[c - 1] as number)))).toBe(true);
              expect(row.slice(drawn.length).every((p) => p === -1)).toBe(true);
            }
            return [out];
          });
        },
      ),
      { numRuns: 60 },
    );
  });

  it("draws sets of two with the probabilities of drawing one after the other", () => {
    const [n, size, temperature] = [100_000, 4, 1.5];
    wasm.scope(() => {
      const rows = wasm.i32From(Int32Array.from({ length: n }, (_, r) => r));
      const sizes = wasm.i32(n).fill(size);
      const out = wasm.i32(2 * n);
      wasm.sampleByRank(keyOf(9), rows, sizes, n, 2, temperature, out);
      const weights = Array.from({ length: size }, (_, p) => Math.exp(-p / temperature));
      const total = weights.reduce((a, b) => a + b);
      let chi2 = 0;
      for (let a = 0; a < size; a++) {
        for (let b = a + 1; b < size; b++) {
          const [wa, wb] = [weights[a] as number, weights[b] as number];
          const expected = n * ((wa / total) * (wb / (total - wa)) + (wb / total) * (wa / (total - wb)));
          let seen = 0;
          for (let r = 0; r < n; r++) if (out[2 * r] === a && out[2 * r + 1] === b) seen++;
          chi2 += (seen - expected) ** 2 / expected;
        }
      }
      expect(chi2).toBeLessThan(20.5); // 5 degrees of freedom, p = .001
    });
  });
});
