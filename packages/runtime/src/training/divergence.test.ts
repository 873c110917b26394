import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { judgeObjective, OBJECTIVE_START, type ObjectiveState } from "./divergence.js";

const WEIGHTS: Readonly<Record<string, number>> = { base: 1, taught: 0.01 };
const weightOf = (term: string) => WEIGHTS[term] ?? 1;

/** Judges epochs one after the other. @returns the epoch, from 1, of which the training was stopped; null when it was not */
function stoppedAt(start: ObjectiveState["start"], epochs: readonly Readonly<Record<string, number>>[]): number | null {
  let state: ObjectiveState = { ...OBJECTIVE_START, start };
  for (const [index, losses] of epochs.entries()) {
    const judged = judgeObjective(state, losses, weightOf, {
      epochs: index + 1,
      finished: index + 1 === epochs.length,
    });
    if (judged.diverged) return index + 1;
    state = judged.state;
  }
  return null;
}

const base = (...values: readonly number[]) => values.map((value) => ({ base: value }));
const GUESS = { base: Math.LN2 };

describe("a training has diverged", () => {
  it("after three epochs in a row above a thousand times the untrained model", () => {
    expect(stoppedAt(GUESS, base(1e12, 3e12, 2e12, 1e12, 1e12))).toBe(3);
    expect(stoppedAt(GUESS, base(0.5, 0.4, 1e4, 1e4, 1e4, 0.4))).toBe(5);
  });

  it("when it ends before it was ever better", () => {
    expect(stoppedAt(GUESS, base(1e12))).toBe(1);
    expect(stoppedAt(GUESS, base(1e12, 1e12))).toBe(2);
  });

  it("whatever the sign: an objective without a lower bound falls for ever", () => {
    expect(stoppedAt(GUESS, base(-1e9, -1e10, -1e11))).toBe(3);
  });

  it("by the objective: weights count", () => {
    const epochs = Array.from({ length: 5 }, () => ({ base: 0.6, taught: 5e4 }));
    expect(stoppedAt({ base: Math.LN2, taught: 0.01 * 3e4 }, epochs)).toBeNull();
    expect(stoppedAt({ base: Math.LN2, taught: 0.01 * 3 }, epochs)).toBeNull();
    expect(
      stoppedAt(
        { base: Math.LN2, taught: 0.01 * 3 },
        epochs.map((losses) => ({ ...losses, taught: 5e6 })),
      ),
    ).toBe(3);
  });
});

describe("a training goes on", () => {
  it("through a spike, when it ends with one, and when it comes back in time", () => {
    expect(stoppedAt(GUESS, base(0.6, 1e9, 1e9, 0.6, 1e9, 1e9, 0.5))).toBeNull();
    expect(stoppedAt(GUESS, base(0.6, 0.5, 1e9))).toBeNull();
    expect(stoppedAt(GUESS, base(1e9, 0.5))).toBeNull();
  });

  it("when a term starts at zero and is annealed in, or begins late", () => {
    const annealed = Array.from({ length: 50 }, (_, epoch) => ({ base: 0, taught: 100 * epoch }));
    expect(stoppedAt({ base: 0, taught: 0 }, annealed)).toBeNull();
    const late = [...base(0.6, 0.5), ...Array.from({ length: 10 }, () => ({ base: 0.4, taught: 4e5 }))];
    expect(stoppedAt({ ...GUESS, taught: 4e3 }, late)).toBeNull();
  });

  it("wherever it stays below a thousand times its start", () => {
    const loss = fc.double({ min: 0, max: 900, noNaN: true });
    fc.assert(
      fc.property(fc.double({ min: 1, max: 1e6, noNaN: true }), fc.array(loss, { maxLength: 40 }), (start, ratios) => {
        expect(stoppedAt({ base: start }, base(...ratios.map((ratio) => ratio * start)))).toBeNull();
      }),
    );
  });
});
