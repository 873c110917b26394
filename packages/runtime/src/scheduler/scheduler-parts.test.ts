import "reflect-metadata";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { PluginSource } from "../plugins/plugin-source.js";
import type { NodeTask } from "../worker/task.js";
import { type Crash, crashFault } from "./crash-fault.js";
import { LineSplitter } from "./line-splitter.js";
import { logName } from "./node-logs.js";
import { oomKills } from "./oom-kills.js";
import { estimateSeconds, longestPaths } from "./priorities.js";

describe("the longest path from a node", () => {
  it("counts its own time and that of the longest chain behind it", () => {
    const node = (id: string, ...from: string[]) => ({
      id,
      inputs: from.map((name) => ({ port: "p", index: null, label: null, node: name, output: null })),
    });
    const nodes = [
      node("data"),
      node("slow", "data"),
      node("quick", "data"),
      node("both", "slow", "quick"),
      node("end", "quick"),
    ];
    const seconds: Record<string, number> = { data: 1, slow: 10, quick: 2, both: 3, end: 20 };
    expect(Object.fromEntries(longestPaths(nodes, (id) => seconds[id] ?? 0))).toEqual({
      data: 1 + 2 + 20,
      slow: 13,
      quick: 22,
      both: 3,
      end: 20,
    });
  });

  it("is estimated from the last run, else by the kind of stage", () => {
    expect(estimateSeconds({ kind: "model", stage: "bprmf" }, 7)).toBe(7);
    expect(estimateSeconds({ kind: "model", stage: "bprmf" }, null)).toBeGreaterThan(
      estimateSeconds({ kind: "core", stage: "rank" }, null),
    );
  });
});

describe("lines", () => {
  function split(...chunks: readonly (string | Buffer)[]): string[] {
    const lines: string[] = [];
    const splitter = new LineSplitter((line) => lines.push(line));
    for (const chunk of chunks) splitter.push(Buffer.from(chunk));
    splitter.end();
    return lines;
  }

  it("are put together across chunks, characters too", () => {
    const é = Buffer.from("é");
    expect(split("a", "b\nc\r\nd", Buffer.from([é[0] as number]), Buffer.from([é[1] as number]), "\n\nlast")).toEqual([
      "ab",
      "c",
      "dé",
      "",
      "last",
    ]);
  });

  it("without an end are cut", () => {
    const lines = split("x".repeat(150_000), "y");
    expect(lines.map(({ length }) => length)).toEqual([65_536, 65_536, 18_929]);
  });
});

describe("a crash", () => {
  const source: PluginSource = {
    manifest: { kdpManifest: 1, name: "@acme/x", version: "1.0.0", api: "^1", stages: {} },
    entry: "",
    folder: "",
  };
  const task = { kind: "node", node: { id: "kd", plugin: "@acme/x" }, plugins: [source] } as unknown as NodeTask;
  const crash = (changes: Partial<Crash>): Crash => ({
    task,
    code: null,
    signal: null,
    oomKilled: false,
    error: null,
    lastLines: [],
    stopped: null,
    timeoutSeconds: null,
    ...changes,
  });

  it.each<[string, Partial<Crash>, string, boolean | undefined, RegExp]>([
    ["by itself", { code: 1 }, "KDP8002", undefined, /ended by itself with code 1$/],
    ["in native code", { signal: "SIGSEGV" }, "KDP8002", true, /crashed with SIGSEGV, in native code$/],
    [
      "by somebody, nobody knows who",
      { signal: "SIGKILL" },
      "KDP8018",
      true,
      /killed from outside by SIGKILL: .*for lack of memory \(the (machine|container) has \d+\.\d GiB\)$/,
    ],
    [
      "by somebody who says please",
      { signal: "SIGTERM", oomKilled: true },
      "KDP8018",
      true,
      /from outside by SIGTERM$/,
    ],
    [
      "by the system",
      { signal: "SIGKILL", oomKilled: true },
      "KDP8006",
      true,
      /^the system killed its process because memory ran out \(SIGKILL; the (machine|container) has/,
    ],
    ["at the start", { error: "spawn ENOMEM" }, "KDP8002", true, /could not be started: spawn ENOMEM/],
    [
      "of the heap",
      { signal: "SIGABRT", lastLines: ["FATAL ERROR: JavaScript heap out of memory"] },
      "KDP8006",
      true,
      /ran out of memory\nlast output/,
    ],
    [
      "of the heap in a container",
      { code: 134, lastLines: ["FATAL ERROR: … Allocation failed"] },
      "KDP8006",
      true,
      /ran out of memory/,
    ],
    [
      "after its time limit",
      { signal: "SIGKILL", stopped: "timeout", timeoutSeconds: 3 },
      "KDP8005",
      undefined,
      /time limit of 3 s/,
    ],
    ["after an interrupt", { signal: "SIGKILL", stopped: "SIGINT" }, "KDP8010", undefined, /interrupted by SIGINT/],
  ])("%s", (_, changes, code, retriable, message) => {
    const fault = crashFault(crash(changes));
    expect(fault).toMatchObject({ code, kind: "run", message: expect.stringMatching(message) });
    expect(fault.retriable).toBe(retriable);
    expect(fault.fix).toBeTruthy();
  });

  it("blames the plugin for what its code did, not for what was done to it", () => {
    const places = (changes: Partial<Crash>) => crashFault(crash(changes)).place;
    for (const own of [{ code: 1 }, { signal: "SIGSEGV" }, { signal: "SIGBUS" }] as const) {
      expect(places(own)).toBe("kd, in plugin @acme/x 1.0.0");
    }
    for (const signal of ["SIGKILL", "SIGTERM", "SIGHUP"] as const) expect(places({ signal })).toBe("kd");
    expect(crashFault(crash({ signal: "SIGKILL", oomKilled: true })).fix).toMatch(/--jobs 1.*@run\(memory: …\)/);
  });

  it("shows the last lines only", () => {
    const lastLines = Array.from({ length: 60 }, (_, i) => `line ${i}`);
    const shown = crashFault(crash({ code: 1, lastLines }))
      .message.split("\n")
      .slice(2);
    expect(shown).toEqual(lastLines.slice(-15).map((line) => `  ${line}`));
  });
});

it("kills for lack of memory are counted by the system", () => {
  const folder = mkdtempSync(join(tmpdir(), "kdp-oom-"));
  const counters = join(folder, "vmstat");
  writeFileSync(counters, "pgfault 12\noom_kill 3\noom_kill_other 9\n");
  expect(oomKills(counters)).toBe(3);
  writeFileSync(counters, "pgfault 12\n");
  expect(oomKills(counters)).toBeNull();
  expect(oomKills(join(folder, "gone"))).toBeNull();
  rmSync(folder, { recursive: true });
});

it("a log is named for its node, whatever the node is called", () => {
  expect(logName("kd[seed=0,dim=8]")).toBe("kd[seed=0,dim=8].ndjson");
  expect(logName("kd/rank")).toBe("kd_rank.ndjson");
  expect(logName('a["../x"]')).toBe("a[_.._x_].ndjson");
  expect(logName("x".repeat(500))).toHaveLength(207);
});
