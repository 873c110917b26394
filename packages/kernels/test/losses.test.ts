import type { Kernels } from "@kdp/plugin-api";
import { beforeAll, describe, expect, it } from "vitest";
import { expectGradient } from "./finite-differences.js";
import { bothKernels, expectClose, ids, normals } from "./support.js";

describe.each(["plain", "wasm"] as const)("losses of the %s kernels", (name) => {
  let k: Kernels;
  beforeAll(async () => {
    k = (await bothKernels())[name];
  });

  it("plackettLuce gives the published value and gradient", () => {
    // The official listwise function in float64 on these scores; the kernels work in float32.
    const scores = k.f32From([2, 1, 0.5, -1, 0, 0.1, -0.3, 0.2, 0.3, 0.4]);
    const d = k.f32(10);
    expect(k.plackettLuce(scores, 2, 3, 2, 1, d)).toBeCloseTo(6.6729970566418295, 5);
    const expected = [
      ...[-0.4369787681858156, -0.3188852176184629, -0.04033361443591987, 0.214130514299978, 0.5820670859402199],
      ...[-0.8129705845898707, -0.7204187454015953, -0.23843883329885507, 0.8416552537738657, 0.9301729095164554],
    ];
    expectClose(d, expected, 1e-6);
    k.plackettLuce(scores, 2, 3, 2, 0.25, d);
    expectClose(
      d,
      expected.map((x) => x / 4),
      1e-6,
    );
  });

  it("plackettLuce is exact where sums of exponentials would overflow or vanish", () => {
    const d = k.f32(3);
    // 1000 before 0 before -1000, nothing unordered: the order is certain, the loss 0.
    expect(k.plackettLuce(k.f32From([1000, 0, -1000]), 1, 3, 0, 1, d)).toBe(0);
    expect(Array.from(d, Math.abs)).toEqual([0, 0, 0]);
    // The reverse order: (1000 - -1000) + (1000 - 0).
    expect(k.plackettLuce(k.f32From([-1000, 0, 1000]), 1, 3, 0, 1, d)).toBe(3000);
    expect(Array.from(d)).toEqual([-1, -1, 2]);
  });

  it("plackettLuce leaves padding out", () => {
    const d = k.f32(5);
    const padded = k.plackettLuce(k.f32From([1, -Infinity, 0.5, -Infinity, 0.2]), 1, 3, 2, 1, d);
    const short = k.f32(3);
    expect(padded).toBeCloseTo(k.plackettLuce(k.f32From([1, 0.5, 0.2]), 1, 2, 1, 1, short), 6);
    expectClose([d[0], d[2], d[4]] as number[], short, 1e-6);
    expect([d[1], d[3]]).toEqual([0, 0]);
    expect(k.plackettLuce(k.f32(2).fill(-Infinity), 1, 2, 0, 1, d)).toBe(0);
  });

  it("bpr has the value of its definition, far out too", () => {
    const user = k.f32From([1]);
    const item = k.f32From([1, 0, 200]);
    const [u, i, j] = [k.i32From([0, 0]), k.i32From([0, 1]), k.i32From([1, 2])];
    const [dUser, dItem] = [k.f32(1), k.f32(3)];
    const value = k.bpr(user, item, 1, u, i, j, 2, dUser, dItem);
    expect(value).toBeCloseTo(Math.log(1 + Math.exp(-1)) + 200, 4);
    const p = 1 / (1 + Math.E);
    expectClose(dUser, [-p + 200], 1e-6);
    expectClose(dItem, [-p, p - 1, 1], 1e-6);
  });

  it("gradients agree with differences", () => {
    const cols = 3;
    const user = k.f32From(normals(1, 4 * cols));
    const item = k.f32From(normals(2, 5 * cols));
    const [u, i, j] = [ids(3, 9, 4), ids(4, 9, 5), ids(5, 9, 5)].map((x) => k.i32From(x)) as [
      Int32Array,
      Int32Array,
      Int32Array,
    ];
    const bpr = () => {
      const [dUser, dItem] = [k.f32(user.length), k.f32(item.length)];
      return { dUser, dItem, value: k.bpr(user, item, cols, u, i, j, 9, dUser, dItem) };
    };
    const { dUser, dItem } = bpr();
    expectGradient(() => bpr().value, user, dUser);
    expectGradient(() => bpr().value, item, dItem);

    const scores = k.f32From(normals(6, 2 * 7));
    const dScores = k.f32(14);
    k.plackettLuce(scores, 2, 4, 3, 1, dScores);
    const scratch = k.f32(14);
    expectGradient(() => k.plackettLuce(scores, 2, 4, 3, 1, scratch), scores, dScores);
  });

  it("normalizeRowsGrad agrees with differences", () => {
    const [n, cols] = [3, 5];
    const x = k.f32From(normals(7, n * cols));
    const direction = k.f32From(normals(8, n * cols));
    const [unit, norms, dx] = [k.f32(n * cols), k.f32(n), k.f32(n * cols)];
    const value = () => {
      k.normalizeRows(x, cols, n, 1e-12, unit, norms);
      return unit.reduce((sum, v, at) => sum + v * (direction[at] as number), 0);
    };
    value();
    k.normalizeRowsGrad(unit, norms, direction, cols, n, dx);
    expectGradient(value, x, dx);
  });

  it("dotListsGrad agrees with differences", () => {
    const cols = 5;
    const [left, right] = [k.f32From(normals(9, 3 * cols)), k.f32From(normals(10, 4 * cols))];
    const [leftIds, rightIds] = [k.i32From([2, 0, 2]), k.i32From([1, 3, -1, 1, 0, 0])];
    const dOut = k.f32From(normals(11, 6));
    const out = k.f32(6);
    const value = () => {
      k.dotLists(left, right, cols, leftIds, rightIds, 3, 2, out);
      return out.reduce((sum, v, at) => (v === -Infinity ? sum : sum + v * (dOut[at] as number)), 0);
    };
    const [dLeft, dRight] = [k.f32(left.length), k.f32(right.length)];
    k.dotListsGrad(left, right, cols, leftIds, rightIds, 3, 2, dOut, dLeft, dRight);
    expectGradient(value, left, dLeft);
    expectGradient(value, right, dRight);
  });
});
