import type { Kernels } from "@kdp/plugin-api";
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import {
  attachKernels,
  createKernels,
  createPlainKernels,
  KernelMemoryError,
  type SharedKernels,
} from "../src/index.js";
import { bothKernels } from "./support.js";

describe.each(["wasm", "plain"] as const)("memory of the %s kernels", (name) => {
  let k: Kernels;
  beforeAll(async () => {
    k = (await bothKernels())[name];
  });

  it("hands out zeroed, aligned, disjoint views, also from freed memory", () => {
    const length = fc.oneof(fc.integer({ min: 0, max: 40 }), fc.integer({ min: 0, max: 40_000 }));
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.constantFrom("f32", "f64", "i32"), length, fc.nat(5)), { maxLength: 40 }),
        (plan) => {
          const before = k.bytesInUse;
          const live = new Map<Float32Array | Float64Array | Int32Array, number>();
          let mark = 0;
          for (const [kind, size, drop] of plan) {
            const view = k[kind as "f32"](size);
            expect(view.length).toBe(size);
            expect(view.byteOffset % 16).toBe(0);
            expect(view.every((x) => x === 0)).toBe(true);
            view.fill(++mark);
            live.set(view, mark);
            if (drop === 0) {
              const [first] = live.keys();
              k.free(first as Float32Array);
              live.delete(first as Float32Array);
            }
          }
          for (const [view, own] of live) {
            expect(view.every((x) => x === own)).toBe(true);
            k.free(view);
          }
          expect(k.bytesInUse).toBe(before);
        },
      ),
      { numRuns: 60 },
    );
  });

  it("frees what a scope allocated, when it returns and when it throws", () => {
    const before = k.bytesInUse;
    const outer = k.f32(100);
    const inside = k.bytesInUse;
    expect(
      k.scope(() => {
        k.f64(50);
        k.scope(() => k.i32(1000));
        k.free(k.f32(10));
        return 7;
      }),
    ).toBe(7);
    expect(() =>
      k.scope(() => {
        k.f32(5000);
        throw new Error("inside");
      }),
    ).toThrow("inside");
    expect(k.bytesInUse).toBe(inside);
    k.free(outer);
    expect(k.bytesInUse).toBe(before);
    expect(() => k.scope(async () => k.f32(4))).toThrow(/synchronous/);
    expect(k.bytesInUse).toBe(before);
  });

  it("copies values", () => {
    expect(Array.from(k.f32From([1.5, -2]))).toEqual([1.5, -2]);
    expect(Array.from(k.i32From(Uint8Array.of(3, 4)))).toEqual([3, 4]);
  });

  it("refuses to free twice, a part, or a foreign view", () => {
    const view = k.f32(8);
    expect(() => k.free(view.subarray(2))).toThrow(TypeError);
    expect(() => k.free(new Float32Array(8))).toThrow(TypeError);
    k.free(view);
    expect(() => k.free(view)).toThrow(TypeError);
  });

  it("refuses lengths that are no lengths", () => {
    for (const length of [-1, 1.5, Number.NaN, Number.POSITIVE_INFINITY])
      expect(() => k.f32(length)).toThrow(RangeError);
  });

  it("says what was asked for and what to do when 4 GiB do not hold it", () => {
    const before = k.bytesInUse;
    const tooMuch = () => k.f32(2 ** 30);
    expect(tooMuch).toThrow(KernelMemoryError);
    expect(tooMuch).toThrow(
      /4\.00 GiB asked for.*ends at 4\.00 GiB.*smaller dim, fewer users or items, or a GPU device/,
    );
    expect(k.bytesInUse).toBe(before);
    k.free(k.f32(16));
  });

  it("names the argument that is not in kernel memory, too short, or out of range", () => {
    const table = k.f32(20);
    const out = k.f32(8);
    const ids = k.i32From([0, 4]);
    expect(() => k.gatherRows(new Float32Array(20), 4, ids, 2, out)).toThrow(
      /gatherRows: table is not in kernel memory/,
    );
    expect(() => k.gatherRows(table, 4, new Int32Array(2), 2, out)).toThrow(TypeError);
    expect(() => k.gatherRows(table, 4, ids, 2, out.subarray(1))).toThrow(/out holds 7 numbers, 8 are needed/);
    expect(() => k.gatherRows(table, 4, ids, 3, k.f32(12))).toThrow(/ids holds 2 numbers, 3 are needed/);
    for (const bad of [5, -1]) {
      ids[1] = bad;
      expect(() => k.gatherRows(table, 4, ids, 2, out)).toThrow(`ids[1] is ${bad}, but there are 5 rows`);
    }
    expect(() => k.gatherRows(table, 4.5, ids, 2, out)).toThrow(/cols is 4.5/);
    expect(() => k.dotLists(table, table, 4, k.i32(1), k.i32From([5]), 1, 1, out)).toThrow(/rightIds\[0\] is 5/);
    expect(() => k.gemm({ m: 2, n: 2, k: 3, a: table, b: table, c: out, lda: 2 })).toThrow(/lda is 2/);
    expect(() => k.spmm(k.i32From([0, 3, 2]), k.i32(3), k.f32(3), 2, table, 4, out, false)).toThrow(
      /less than the one before/,
    );
    const options = { learningRate: 1, weightDecay: 0, eps: 0, beta1: 0, beta2: 0, step: 0, decoupled: false };
    expect(() => k.adam(table, table, table, table, 4, options)).toThrow(/the first step is 1/);
  });

  it("gives the same bits for the same input", () => {
    const run = () =>
      k.scope(() => {
        const x = k.f32From(Float32Array.from({ length: 90 }, (_, i) => Math.sin(i)));
        const c = k.f32(100);
        k.gemm({ m: 10, n: 10, k: 9, a: x, b: x, c });
        return c.slice();
      });
    expect(run()).toEqual(run());
  });
});

describe("WebAssembly memory", () => {
  let k: SharedKernels;
  beforeAll(async () => {
    k = (await createKernels()) as SharedKernels;
  });

  it("keeps views valid while it grows", () => {
    const first = k.f32From([1, 2, 3, 4]);
    const pages = k.memory.buffer.byteLength;
    const big = k.f32(20_000_000);
    expect(k.memory.buffer.byteLength).toBeGreaterThan(pages);
    expect(first.buffer).not.toBe(big.buffer);
    big[0] = 5;
    k.sgd(first, big, 1, { learningRate: 1, weightDecay: 0, eps: 0 });
    expect(Array.from(first)).toEqual([-4, 2, 3, 4]);
    expect(big[0]).toBe(0);
    k.free(big);
    k.free(first);
  });

  it("accepts a view of the same memory made elsewhere, and refuses one of another memory", async () => {
    const view = k.f32From([1, 2, 3, 4]);
    const other = (await createKernels()) as SharedKernels;
    const copyOfBuffer = structuredClone(view.buffer) as unknown as SharedArrayBuffer;
    expect(copyOfBuffer).not.toBe(view.buffer);
    const same = new Float32Array(copyOfBuffer, view.byteOffset, 4);
    const ids = k.i32From([1, 0]);
    const out = k.f32(4);
    k.gatherRows(same, 2, ids, 2, out);
    expect(Array.from(out)).toEqual([3, 4, 1, 2]);
    expect(() => other.gatherRows(view, 2, ids, 2, out)).toThrow(/not in kernel memory/);
  });

  it("gives attached kernels memory of their own in the same buffer", () => {
    const attached = attachKernels(k.memory, k.module);
    const mine = k.f32From([1, 2]);
    const theirs = attached.f32From([3, 4]);
    const again = k.f32From([5, 6]);
    expect([...mine, ...theirs, ...again]).toEqual([1, 2, 3, 4, 5, 6]);
    expect(() => k.free(theirs)).toThrow(TypeError);
    attached.sgd(mine, theirs, 2, { learningRate: 1, weightDecay: 0, eps: 0 });
    expect([...mine]).toEqual([-2, -2]);
  });

  it("addresses tables above 2 GiB", async () => {
    const own = (await createKernels()) as SharedKernels;
    const table = own.f32(600_000_000);
    expect(own.bytesInUse).toBeGreaterThan(2.2 * 1024 ** 3);
    const cols = 3;
    const last = table.length / cols - 1;
    table.set([1, 2, 3], last * cols);
    const out = own.f32(cols);
    own.gatherRows(table, cols, own.i32From([last]), 1, out);
    expect(Array.from(out)).toEqual([1, 2, 3]);
    own.scatterAddRows(table, cols, own.i32From([last]), 1, out, 2);
    expect(Array.from(table.subarray(last * cols))).toEqual([3, 6, 9]);
    const high = table.subarray(last * cols);
    own.adam(high, own.f32From([1, 1, 1]), own.f32(3), own.f32(3), 3, {
      ...{ learningRate: 0.5, weightDecay: 0, eps: 0, beta1: 0.9, beta2: 0.999, step: 1, decoupled: false },
    });
    expect(Array.from(high, Math.round)).toEqual([3, 6, 9].map((x) => Math.round(x - 0.5)));
    expect(() => own.f32(600_000_000)).toThrow(KernelMemoryError);
    own.free(table);
    own.free(own.f32(64));
  });

  it("keeps to a limit of the caller", async () => {
    const small = await createKernels({ maximumBytes: 4 * 1024 ** 2 });
    expect(() => small.f32(2_000_000)).toThrow(/ends at 4\.0 MiB/);
    small.free(small.f32(500_000));
  });
});

it("plain kernels refuse views of others", () => {
  const [a, b] = [createPlainKernels(), createPlainKernels()];
  expect(() => a.sgd(b.f32(1), a.f32(1), 1, { learningRate: 1, weightDecay: 0, eps: 0 })).toThrow(TypeError);
});
