import { testStream } from "@kdp/plugin-api/testing";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { rankExpSampler, topSampler } from "./rank-sampling.js";
import { uniformSampler } from "./uniform-sampling.js";

const draws = (pool: number, count: number, temperature: number, repeats: number): number[] => {
  const sampler = rankExpSampler(pool, temperature);
  const stream = testStream(`${pool}/${count}/${temperature}`);
  const hits = new Array<number>(pool).fill(0);
  const out = new Int32Array(count);
  for (let i = 0; i < repeats; i++) {
    sampler.draw(stream, pool, count, out, 0);
    for (const r of out) hits[r] = (hits[r] ?? 0) + 1;
  }
  return hits.map((h) => h / repeats);
};

/** Inclusion probabilities of drawing without replacement one after the other, by enumeration. */
function inclusion(weights: readonly number[], count: number): number[] {
  const found = weights.map(() => 0);
  const visit = (taken: readonly number[], probability: number): void => {
    if (taken.length === count) {
      for (const r of taken) found[r] = (found[r] ?? 0) + probability;
      return;
    }
    const left = weights.reduce((sum, w, r) => sum + (taken.includes(r) ? 0 : w), 0);
    weights.forEach((w, r) => {
      if (!taken.includes(r)) visit([...taken, r], (probability * w) / left);
    });
  };
  visit([], 1);
  return found;
}

describe("rankExpSampler", () => {
  it("draws as one would draw one after the other without replacement", () => {
    const [pool, count, temperature] = [6, 3, 2];
    const weights = Array.from({ length: pool }, (_, r) => Math.exp(-r / temperature));
    const wanted = inclusion(weights, count);
    draws(pool, count, temperature, 40_000).forEach((p, r) => {
      // Five standard deviations of a proportion over 40,000 draws.
      expect(Math.abs(p - (wanted[r] as number)), `rank ${r}`).toBeLessThan(5 * Math.sqrt(0.25 / 40_000));
    });
  });

  it("reaches beyond the first `count` as far as the weights say: single draws follow e^(-r/T)", () => {
    const wanted = inclusion(
      Array.from({ length: 30 }, (_, r) => Math.exp(-r / 10)),
      1,
    );
    draws(30, 1, 10, 40_000).forEach((p, r) => {
      expect(Math.abs(p - (wanted[r] as number)), `rank ${r}`).toBeLessThan(5 * Math.sqrt(0.1 / 40_000));
    });
  });

  it("gives distinct positions of the pool, ascending, and all of a short pool", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 60 }),
        fc.integer({ min: 1, max: 30 }),
        fc.double({ min: 0.01, max: 100, noNaN: true }),
        fc.integer({ min: 0, max: 5 }),
        (pool, count, temperature, at) => {
          const out = new Int32Array(at + count).fill(-7);
          const n = rankExpSampler(60, temperature).draw(testStream("p"), pool, count, out, at);
          const drawn = [...out.subarray(at, at + n)];
          expect(n).toBe(Math.min(pool, count));
          expect(new Set(drawn).size).toBe(n);
          expect(drawn.every((r) => r >= 0 && r < pool)).toBe(true);
          expect(drawn).toEqual([...drawn].sort((a, b) => a - b));
          expect([...out.subarray(0, at), ...out.subarray(at + n)].every((v) => v === -7)).toBe(true);
        },
      ),
    );
  });

  it("without sampling takes the first ones", () => {
    const out = new Int32Array(3);
    expect(topSampler.draw(testStream("t"), 2, 3, out, 0)).toBe(2);
    expect([...out]).toEqual([0, 1, 0]);
  });
});

describe("uniformSampler", () => {
  it("never draws what is excluded, nor twice, and stops when nothing is left", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 40 }),
        fc.array(fc.integer({ min: -1, max: 39 }), { maxLength: 60 }),
        fc.integer({ min: 0, max: 50 }),
        (universe, excluded, count) => {
          const sampler = uniformSampler(universe);
          const ids = Int32Array.from(excluded.filter((id) => id < universe));
          const left = universe - new Set([...ids].filter((id) => id >= 0)).size;
          for (let row = 0; row < 3; row++) {
            sampler.begin();
            sampler.exclude(ids, 0, ids.length);
            const out = new Int32Array(count);
            const n = sampler.draw(testStream(`${row}`), count, out, 0);
            const drawn = [...out.subarray(0, n)];
            expect(n).toBe(Math.min(count, left));
            expect(new Set(drawn).size).toBe(n);
            expect(drawn.every((id) => id >= 0 && id < universe && !ids.includes(id))).toBe(true);
          }
        },
      ),
    );
  });

  it.each([2, 9])("draws each free id equally often (%i of 12)", (count) => {
    const sampler = uniformSampler(13);
    const stream = testStream("uniform");
    const hits = new Array<number>(13).fill(0);
    const out = new Int32Array(count);
    for (let i = 0; i < 20_000; i++) {
      sampler.begin();
      sampler.exclude(Int32Array.of(4), 0, 1);
      sampler.draw(stream, count, out, 0);
      for (const id of out) hits[id] = (hits[id] ?? 0) + 1;
    }
    hits.forEach((h, id) => {
      const p = id === 4 ? 0 : count / 12;
      expect(Math.abs(h / 20_000 - p), `id ${id}`).toBeLessThan(5 * Math.sqrt(0.25 / 20_000));
    });
  });
});
