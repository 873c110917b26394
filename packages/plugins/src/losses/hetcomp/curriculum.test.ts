import type { RankingTable } from "@kdp/plugin-api";
import { describe, expect, it } from "vitest";
import { golden } from "../../../test/golden.js";
import { createCurriculum } from "./curriculum.js";
import { listDistance } from "./membership-ndcg.js";

const ranking = (...ids: number[]): RankingTable => ({
  rows: 1,
  k: ids.length,
  ids: Int32Array.from(ids),
  scores: null,
});

const options = {
  users: 1,
  items: 20,
  depth: 3,
  every: 10,
  alpha: 1.05,
  alphaDecay: 0.995,
  advanceOnWorse: false,
};

describe("listDistance", () => {
  it("counts positions whose item is in the other list (numbers of the released code)", () => {
    const found = listDistance(5, 10).between(Int32Array.of(3, 1, 4, 0, 2), Int32Array.of(1, 2, 9, 3, 8));
    expect(found).toBe(10_000 - 7262);
  });
  it("gives the golden value", () => {
    const { studentTop, teacherTop, ndcg } = golden.hetcomp_ndcg_k5;
    const found = listDistance(5, 10).between(Int32Array.from(studentTop), Int32Array.from(teacherTop));
    expect(1 - found / 10_000).toBeCloseTo(ndcg, 6);
  });
  it("is 0 for the same set in another order, 1 for disjoint or empty lists", () => {
    const { between } = listDistance(3, 10);
    expect(between(Int32Array.of(1, 2, 3), Int32Array.of(3, 1, 2))).toBe(0);
    expect(between(Int32Array.of(1, 2, 3), Int32Array.of(4, 5, 6))).toBe(10_000);
    expect(between(Int32Array.of(-1, -1, -1), Int32Array.of(4, -1, -1))).toBe(10_000);
  });
});

describe("createCurriculum", () => {
  // Four snapshots; the student will approach the second, then the third.
  const trajectory = [ranking(1, 2, 3), ranking(4, 5, 6), ranking(7, 8, 9), ranking(10, 11, 12)];
  const create = (more: Partial<typeof options> = {}) =>
    createCurriculum({ ...options, ...more, trajectories: [trajectory] });

  it("records first, advances when the student has come nearer, and measures to the snapshot after the next", () => {
    const c = create();
    expect(c.update(10, ranking(1, 2, 3))).toBe(false);
    expect([...c.distances]).toEqual([10_000]);
    expect(c.update(20, ranking(1, 2, 3))).toBe(false);
    expect([...c.states]).toEqual([0]);
    // The third position alone, of gains g_t / log2(t + 2).
    const share = [0, 1, 2].map((t) => (2 ** Math.exp(-t / 10) - 1) / Math.log2(t + 2)) as [number, number, number];
    const nearer = 1 - share[2] / (share[0] + share[1] + share[2]);
    expect(1 / nearer).toBeGreaterThan(1.05);
    expect(c.update(30, ranking(1, 2, 4))).toBe(true);
    expect([...c.states]).toEqual([1]);
    // Distance to snapshot 2, of which the student has nothing.
    expect([...c.distances]).toEqual([10_000]);
    expect(c.converged()).toBe(false);
  });

  it("does not divide by a distance of 0: the student is there", () => {
    const c = create();
    c.update(10, ranking(4, 5, 6));
    expect([...c.distances]).toEqual([0]);
    expect(c.update(20, ranking(4, 5, 6))).toBe(true);
    expect([...c.states]).toEqual([1]);
    c.update(30, ranking(7, 8, 9));
    expect([...c.states]).toEqual([2]);
    c.update(40, ranking(10, 11, 12));
    expect([...c.states]).toEqual([3]);
    expect(c.converged()).toBe(true);
    expect(c.update(50, ranking(1, 2, 3))).toBe(false);
  });

  it("advances when the student moved away only if told so", () => {
    for (const advanceOnWorse of [false, true]) {
      const c = create({ advanceOnWorse });
      c.update(10, ranking(4, 5, 1));
      expect(c.update(20, ranking(4, 1, 2))).toBe(advanceOnWorse);
    }
  });

  it("asks for less and less, so that no one waits for ever", () => {
    const c = create();
    c.update(10, ranking(1, 2, 3));
    // α decays below 1 after ten looks: 1.05 · .995^10 = .9987.
    expect(c.update(90, ranking(1, 2, 3))).toBe(false);
    expect(c.update(100, ranking(1, 2, 3))).toBe(true);
  });

  it("has converged when all but a few in a thousand users have", () => {
    const users = 1000;
    const wide = (r: RankingTable): RankingTable => ({
      ...r,
      rows: users,
      ids: Int32Array.from({ length: users * r.k }, (_, at) => r.ids[at % r.k] as number),
    });
    const c = createCurriculum({ ...options, users, trajectories: [trajectory.slice(0, 2).map(wide)] });
    c.states.fill(1);
    c.states.fill(0, 0, 5);
    expect(c.converged()).toBe(true);
    c.states.fill(0, 0, 6);
    expect(c.converged()).toBe(false);
  });
});
