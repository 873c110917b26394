import { describe, expect, it } from "vitest";
import { pack, unpack } from "./checkpoint-codec.js";
import { enterPhase, judge, STOPPING_START, type StoppingRule } from "./early-stopping.js";
import { EpochLosses } from "./loss-curve.js";
import { planSnapshots, type Snapshot, snapshotEpochs } from "./snapshots.js";

describe("early stopping", () => {
  const rule: StoppingRule = { watched: [{ metric: "m", higherIsBetter: true }], chosen: "m", patience: 2 };
  /** Epochs at which a sequence of values improves, and the one at which it stops. */
  function follow(values: readonly number[], phases: readonly number[] = [], rules = rule) {
    let state = STOPPING_START;
    const improved: number[] = [];
    for (const [epoch, m] of values.entries()) {
      const judged = judge(enterPhase(state, phases[epoch] ?? 0), epoch, { m }, rules);
      state = judged.state;
      if (judged.improved.length > 0) improved.push(epoch);
      if (judged.stop) return { improved, stop: epoch, best: state.best.m?.epoch };
    }
    return { improved, stop: null, best: state.best.m?.epoch };
  }

  it("keeps the earlier epoch on a tie and stops after patience evaluations", () => {
    expect(follow([0.1, 0.3, 0.3, 0.2, 0.9])).toEqual({ improved: [0, 1], stop: 3, best: 1 });
  });
  it("never takes NaN for better", () => {
    expect(follow([Number.NaN, 0.1, Number.NaN])).toEqual({ improved: [1], stop: null, best: 1 });
  });
  it("follows metrics that fall", () => {
    expect(follow([3, 2, 2.5, 1], [], { ...rule, watched: [{ metric: "m", higherIsBetter: false }] }).improved).toEqual(
      [0, 1, 3],
    );
  });
  it("counts anew when a loss enters another phase", () => {
    expect(follow([0.3, 0.2, 0.1, 0.1], [0, 0, 1, 1]).stop).toBe(3);
    expect(follow([0.3, 0.2, 0.1, 0.1], [0, 0, 0, 0]).stop).toBe(2);
  });
});

describe("snapshots", () => {
  const at = (epochs: number): Snapshot => ({
    epochs,
    ranking: { rows: 0, k: 1, ids: new Int32Array(0), scores: null },
  });
  /** Epochs of a trajectory when training ends after `done` epochs and keeps `kept`. */
  function collect(options: { count: number; epochs: number; earlyStop: boolean; done: number; kept: number }) {
    const plan = planSnapshots({ ...options, restored: [] });
    for (let e = 1; e <= options.done; e++) if (plan.wants(e)) plan.add(at(e));
    return { chosen: plan.select(options.kept).map((s) => s.epochs), held: plan.collected.length };
  }

  it("are evenly spaced, the last being the model itself", () => {
    expect(snapshotEpochs(4, 100)).toEqual([25, 50, 75, 100]);
    expect(snapshotEpochs(4, 10)).toEqual([3, 5, 8, 10]);
    expect(collect({ count: 4, epochs: 100, earlyStop: false, done: 100, kept: 100 })).toEqual({
      chosen: [25, 50, 75],
      held: 3,
    });
  });
  it("follow the kept epoch of an early stop, to the nearest point of the grid", () => {
    expect(collect({ count: 4, epochs: 1000, earlyStop: true, done: 48, kept: 40 }).chosen).toEqual([8, 20, 28]);
  });
  it("keep a grid of bounded size however long training lasts", () => {
    const { chosen, held } = collect({ count: 2, epochs: 5000, earlyStop: true, done: 900, kept: 801 });
    expect(held).toBeLessThanOrEqual(8);
    expect(Math.abs((chosen[0] as number) - 401)).toBeLessThanOrEqual(64);
  });
  it("continue on the same grid after a restart", () => {
    const whole = planSnapshots({ count: 2, epochs: 500, earlyStop: true, restored: [] });
    for (let e = 1; e <= 200; e++) if (whole.wants(e)) whole.add(at(e));
    const half = planSnapshots({ count: 2, epochs: 500, earlyStop: true, restored: [] });
    for (let e = 1; e <= 77; e++) if (half.wants(e)) half.add(at(e));
    const rest = planSnapshots({ count: 2, epochs: 500, earlyStop: true, restored: half.collected });
    for (let e = 78; e <= 200; e++) if (rest.wants(e)) rest.add(at(e));
    expect(rest.collected).toEqual(whole.collected);
  });
});

describe("loss curve", () => {
  it("averages over the steps that computed a term", () => {
    const losses = new EpochLosses({}, () => 1);
    losses.add("base", 6, 3);
    losses.add("base", 2, 1);
    losses.add("ftd", null, 3);
    losses.add("ftd", 5, 1);
    losses.add("none", null, 4);
    expect(losses.means()).toEqual({ base: 2, ftd: 5 });
  });
});

describe("checkpoint codec", () => {
  const arrays = {
    odd: Float32Array.of(1.5, -0, Number.MIN_VALUE),
    ids: Int32Array.of(-1, 7),
    none: new Float32Array(0),
  };

  it("gives back header and arrays to the bit", () => {
    const { header, arrays: back } = unpack(pack({ header: { epoch: 3, names: ["ü"] }, arrays }));
    expect(header).toEqual({ epoch: 3, names: ["ü"] });
    expect(back).toEqual(arrays);
    expect(Object.is(back.odd?.[1], -0)).toBe(true);
  });
  it("refuses bytes that are cut short", () => {
    const bytes = pack({ header: {}, arrays });
    for (const length of [0, 5, 20, bytes.length - 9]) {
      expect(() => unpack(bytes.slice(0, length))).toThrow();
    }
  });
});
