import type { Interactions } from "@kdp/plugin-api";
import { testStream } from "@kdp/plugin-api/testing";
import { describe, expect, it } from "vitest";
import { type DrawOptions, drawByDiscrepancy } from "./discrepancy-draws.js";

const train: Interactions = { users: 1, items: 6, offsets: Int32Array.of(0, 1), itemIds: Int32Array.of(2) };

/** Scores of one user under both models; item 2 is in train. */
function draw(student: readonly number[], teacher: readonly number[], more: Partial<DrawOptions> = {}) {
  return drawByDiscrepancy({
    train,
    counts: Int32Array.of(20_000),
    cycle: 1,
    weights: { epsilon: 0.5, epsilonTeacher: 0.3 },
    studentScores: (_, out) => out.set(student),
    teacherScores: (_, out) => out.set(teacher),
    stream: testStream("draws"),
    ...more,
  });
}

const shares = (ids: Int32Array): number[] =>
  [0, 1, 2, 3, 4, 5].map((item) => ids.filter((id) => id === item).length / ids.length);

function expectShares(ids: Int32Array, weights: readonly number[]): void {
  const sum = weights.reduce((a, b) => a + b, 0);
  shares(ids).forEach((share, item) => {
    expect(Math.abs(share - (weights[item] as number) / sum), `item ${item}`).toBeLessThan(
      5 * Math.sqrt(0.25 / 20_000),
    );
  });
}

describe("drawByDiscrepancy", () => {
  it("draws with the weights of both rankings of the unseen items", () => {
    // Student ranks 0 1 3 4 5 as 0 1 2 3 4, teacher as 4 3 2 1 0.
    const { teacher, student } = draw([9, 8, 99, 7, 6, 5], [1, 2, 99, 3, 4, 5]);
    const gaps = [-4, -2, 0, 2, 4];
    const [a, b, c, d, e] = gaps.map((gap) => Math.exp(0.5 * gap)) as [number, number, number, number, number];
    expectShares(teacher.ids, [a, b, 0, c, d, e]);
    // The student learns from items that it ranks too high.
    expectShares(student.ids, [Math.tanh(1.2), Math.tanh(0.6), 0, 0, 0, 0]);
  });

  it("draws evenly where the rankings agree", () => {
    const { student } = draw([9, 8, 99, 7, 6, 5], [9, 8, 0, 7, 6, 5]);
    expectShares(student.ids, [1, 1, 0, 1, 1, 1]);
  });

  it("has nothing for a user who has seen everything, and counts a whole cycle", () => {
    const all: Interactions = { users: 1, items: 2, offsets: Int32Array.of(0, 2), itemIds: Int32Array.of(0, 1) };
    const { student } = draw([1, 2], [2, 1], { train: all, counts: Int32Array.of(3), cycle: 4 });
    expect([...student.offsets]).toEqual([0, 12]);
    expect([...new Set(student.ids)]).toEqual([-1]);
  });

  it("ranks items without a score last", () => {
    const none = Number.NEGATIVE_INFINITY;
    // Teacher knows item 5 only: it ranks it 0, the student 4, so the student never draws it, nor may it be drawn as NaN.
    const { student } = draw([9, 8, 99, 7, 6, 5], [none, none, none, none, none, 1]);
    expect(shares(student.ids)[5]).toBe(0);
    expect(shares(student.ids).reduce((a, b) => a + b, 0)).toBeCloseTo(1, 12);
  });
});
