import { createKernels, createPlainKernels } from "@kdp/kernels";
import type { Kernels } from "@kdp/plugin-api";
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { openStream } from "../random/streams.js";
import { type Clustering, kMeans } from "./k-means.js";

let wasm: Kernels;
beforeAll(async () => {
  wasm = await createKernels();
});

const clustered = (
  rows: readonly (readonly number[])[],
  count: number,
  more: { kernels?: Kernels; restarts?: number; seed?: number } = {},
): Clustering => {
  const { kernels = wasm, restarts = 10, seed = 0 } = more;
  return kernels.scope(() =>
    kMeans({
      kernels,
      rows: kernels.f32From(rows.flat()),
      n: rows.length,
      cols: rows[0]?.length ?? 0,
      count,
      restarts,
      stream: (epoch) => openStream({ seed, family: "test", purpose: "init", epoch }),
    }),
  );
};

/** Squared distances to the means of the clusters, the long way. */
function inertiaOf(rows: readonly (readonly number[])[], assignment: Int32Array, clusters: number): number {
  let sum = 0;
  for (let c = 0; c < clusters; c++) {
    const members = rows.filter((_, r) => assignment[r] === c);
    const mean = (members[0] ?? []).map(
      (_, i) => members.reduce((s, row) => s + (row[i] as number), 0) / members.length,
    );
    for (const row of members) sum += row.reduce((s, value, i) => s + (value - (mean[i] as number)) ** 2, 0);
  }
  return sum;
}

/** Three tight groups of 5, 12 and 30 rows, far apart. */
const GROUPS = [
  { size: 5, at: [10, 0, 0] },
  { size: 12, at: [0, 10, 0] },
  { size: 30, at: [0, 0, 10] },
];
const stream = openStream({ seed: 3, family: "rows", purpose: "init", epoch: 0 });
const blobs = GROUPS.flatMap(({ size, at }) =>
  Array.from({ length: size }, () => at.map((x) => x + stream.normal() / 5)),
);

describe("k-means", () => {
  it("finds groups that are there, the largest first", () => {
    const { assignment, sizes, inertia } = clustered(blobs, 3);
    expect(sizes).toEqual([30, 12, 5]);
    expect([...assignment]).toEqual([...Array(5).fill(2), ...Array(12).fill(1), ...Array(30).fill(0)]);
    expect(inertia).toBeCloseTo(inertiaOf(blobs, assignment, 3), 4);
  });

  it("by hand: four points on a line, two clusters", () => {
    // {0, 1} and {9, 11}: 2 · ¼ + 2 · 1.
    const { assignment, inertia } = clustered([[0], [9], [1], [11]], 2);
    expect([...assignment]).toEqual([0, 1, 0, 1]);
    expect(inertia).toBeCloseTo(2.5, 6);
  });

  it("more beginnings are never worse", () => {
    const rows = Array.from({ length: 60 }, (_, r) => [Math.sin(r), Math.cos(3 * r), (r % 7) / 7]);
    const inertias = [1, 3, 10].map((restarts) => clustered(rows, 8, { restarts }).inertia);
    expect(inertias[1]).toBeLessThanOrEqual(inertias[0] as number);
    expect(inertias[2]).toBeLessThanOrEqual(inertias[1] as number);
  });

  it("gives the same clusters every time, and with the plain kernels", () => {
    const rows = Array.from({ length: 50 }, (_, r) => [Math.sin(r * r), Math.cos(r), Math.sin(2 * r)]);
    const one = clustered(rows, 6);
    expect(clustered(rows, 6)).toEqual(one);
    expect(clustered(rows, 6, { kernels: createPlainKernels() }).assignment).toEqual(one.assignment);
  });

  it("rows that do not differ make fewer clusters", () => {
    expect(
      clustered(
        [
          [1, 2],
          [1, 2],
          [1, 2],
        ],
        3,
      ),
    ).toEqual({ assignment: Int32Array.of(0, 0, 0), sizes: [3], inertia: 0 });
    expect(
      clustered(
        [
          [0, 0],
          [1, 1],
          [0, 0],
        ],
        3,
      ).sizes,
    ).toEqual([2, 1]);
    expect(clustered([[5]], 1)).toEqual({ assignment: Int32Array.of(0), sizes: [1], inertia: 0 });
  });

  it("every cluster has rows, and the inertia is theirs", () => {
    const point = fc.tuple(fc.integer({ min: -4, max: 4 }), fc.integer({ min: -4, max: 4 }));
    fc.assert(
      fc.property(fc.array(point, { minLength: 4, maxLength: 30 }), fc.integer({ min: 1, max: 4 }), (rows, count) => {
        const { assignment, sizes, inertia } = clustered(rows, count, { restarts: 2 });
        expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(rows.length);
        expect(Math.min(...sizes)).toBeGreaterThan(0);
        expect(sizes).toEqual([...sizes].sort((a, b) => b - a));
        expect(sizes).toEqual(sizes.map((_, c) => assignment.filter((own) => own === c).length));
        expect(Math.abs(inertia - inertiaOf(rows, assignment, sizes.length))).toBeLessThan(1e-3);
      }),
      { numRuns: 60 },
    );
  });
});
