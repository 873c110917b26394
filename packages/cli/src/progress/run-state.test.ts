import type { RunEvent } from "@kdp/runtime";
import { createColors } from "picocolors";
import { describe, expect, it } from "vitest";
import { nodeLine, runLine } from "./live-lines.js";
import { advance, finished, initialState, nodeSecondsLeft, type RunState, runSecondsLeft } from "./run-state.js";

const epoch = (node: string, at: number, epochs = 10, seconds = 2): RunEvent => ({
  type: "node-event",
  node,
  event: { type: "epoch", epoch: at, epochs, losses: { base: 0.4, rrd: 0.1 }, valid: { "ndcg@10": 0.3 }, seconds },
});

const STARTED: RunEvent = { type: "run-started", run: "r", pipeline: "p", nodes: 4, folder: "f" };

/** Events with the milliseconds at which they come. */
const play = (events: readonly (readonly [number, RunEvent])[]): RunState =>
  events.reduce((state, [now, event]) => advance(state, event, now), initialState);

describe("the state of a run", () => {
  const state = play([
    [0, STARTED],
    [10, { type: "node-hit", node: "data" }],
    [20, { type: "node-started", node: "a", worker: 0, attempt: 1 }],
    [30, { type: "node-started", node: "b", worker: 1, attempt: 1 }],
    [2030, epoch("a", 1)],
    [4030, epoch("a", 2)],
    [4100, { type: "node-failed", node: "b", code: "KDP8001", message: "NaN" }],
    [4100, { type: "node-skipped", node: "c", because: "b" }],
  ]);

  it("counts what ended, whatever way", () => {
    expect(state).toMatchObject({ hits: 1, ran: 0, failed: 1, skipped: 1 });
    expect(finished(state)).toBe(3);
    expect(state.active.map((entry) => entry.node)).toEqual(["a"]);
  });

  it("keeps loss, metric and pace of a node", () => {
    expect(state.active[0]).toMatchObject({
      done: { part: 2, whole: 10, what: "epoch" },
      loss: 0.5,
      valid: ["ndcg@10", 0.3],
      pace: 2,
    });
    const [entry] = state.active;
    expect(entry && nodeSecondsLeft(entry)).toBe(16);
  });

  it("starts a retried node afresh, once", () => {
    const again = advance(state, { type: "node-started", node: "a", worker: 0, attempt: 2 }, 5000);
    expect(again.active).toHaveLength(1);
    expect(again.active[0]).toMatchObject({ attempt: 2, done: null, loss: null });
  });

  it("estimates the end from the work done, and not before there is any", () => {
    expect(runSecondsLeft(advance(initialState, STARTED, 0), 5000)).toBeNull();
    const two = play([
      [0, STARTED],
      [0, { type: "node-started", node: "a", worker: 0, attempt: 1 }],
      [4000, { type: "node-finished", node: "a", seconds: 4 }],
      [4000, { type: "node-hit", node: "b" }],
    ]);
    // One of four nodes took four seconds, one was cached: two are left.
    expect(runSecondsLeft(two, 4000)).toBe(8);
    const all = advance(advance(two, { type: "node-hit", node: "c" }, 4000), { type: "node-hit", node: "d" }, 4000);
    expect(runSecondsLeft(all, 4000)).toBeNull();
  });

  it("is untouched by events that tell of no progress", () => {
    expect(advance(state, { type: "gate", text: "g", status: "passed" }, 1)).toBe(state);
  });
});

describe("the bars", () => {
  const colors = createColors(false);
  it("tell nodes, epochs, loss, metric and time left", () => {
    const state = play([
      [0, STARTED],
      [0, { type: "node-started", node: "kd[seed=0]", worker: 0, attempt: 1 }],
      [6000, epoch("kd[seed=0]", 5)],
    ]);
    const [entry] = state.active;
    expect(entry && nodeLine(entry, 6000, colors)).toBe(
      "  kd[seed=0]                 ━━━━━━━━━━━─────────── epoch 5/10, loss 0.5000, ndcg@10 0.3000, 10 s left",
    );
    expect(runLine(state, 6000, colors)).toBe(
      "p                            ────────────────────── 0 of 4 nodes, about 42 s left",
    );
  });
  it("show the time of a node that tells nothing", () => {
    const state = play([
      [0, STARTED],
      [0, { type: "node-started", node: "split", worker: 0, attempt: 1 }],
    ]);
    const [entry] = state.active;
    expect(entry && nodeLine(entry, 1500, colors)).toContain("1.5 s");
  });
});
