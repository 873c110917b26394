import type { RunEvent } from "@kdp/runtime";
import { createColors } from "picocolors";
import { describe, expect, it } from "vitest";
import { eventLine } from "./event-line.js";

const line = (event: RunEvent): string | null => eventLine(event, createColors(false), "/home/me");

const epoch = (at: number, epochs: number): RunEvent => ({
  type: "node-event",
  node: "kd",
  event: { type: "epoch", epoch: at, epochs, losses: { base: 0.25, rrd: 0.5 }, valid: { "ndcg@10": 0.3 }, seconds: 1 },
});

describe("one line per event", () => {
  it.each<[RunEvent, string]>([
    [{ type: "node-hit", node: "a" }, "cached  a"],
    [{ type: "node-started", node: "a", worker: 0, attempt: 1 }, "start   a"],
    [{ type: "node-started", node: "a", worker: 0, attempt: 2 }, "start   a (attempt 2)"],
    [{ type: "node-finished", node: "a", seconds: 2 }, "done    a in 2.0 s"],
    [{ type: "node-failed", node: "a", code: "KDP8001", message: "NaN" }, "failed  a: KDP8001 NaN"],
    [
      {
        type: "node-failed",
        node: "a",
        code: "KDP7002",
        message: "the file is empty",
        at: { file: "/home/me/p/x.kdp", start: 9, end: 12, line: 3, column: 7, endLine: 3, endColumn: 10 },
      },
      "failed  a: KDP7002 the file is empty (p/x.kdp:3:7)",
    ],
    [{ type: "node-skipped", node: "b", because: "a" }, "skipped b, because of a"],
    [{ type: "node-waiting", node: "a", holder: "pid 7" }, "waiting a: pid 7 computes it already"],
    [{ type: "gate", text: "a > b", status: "failed" }, "gate FAILED a > b"],
    [epoch(1, 10), "epoch   kd 1/10 loss 0.7500, ndcg@10 0.3000"],
    [{ type: "node-event", node: "kd", event: { type: "resumed", epoch: 7 } }, "resumed kd after epoch 7"],
    [{ type: "node-event", node: "kd", event: { type: "note", text: "n" } }, "note    kd: n"],
  ])("%j", (event, text) => {
    expect(line(event)).toBe(text);
  });

  it("tells the first epoch and every tenth of a long training", () => {
    const told = Array.from({ length: 1000 }, (_, index) => index + 1).filter((at) => line(epoch(at, 1000)) !== null);
    expect(told).toEqual([1, 100, 200, 300, 400, 500, 600, 700, 800, 900, 1000]);
    const short = [1, 2, 3].filter((at) => line(epoch(at, 3)) !== null);
    expect(short).toEqual([1, 2, 3]);
  });
});
