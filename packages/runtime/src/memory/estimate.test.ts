import type { PlanNode } from "@kdp/dsl";
import { manifestOf } from "@kdp/plugin-api";
import library from "@kdp/plugins";
import { describe, expect, it } from "vitest";
import type { ArtefactMeta } from "../store/artefact.js";

import { MemoryForecast } from "./forecast.js";
import { KERNEL_LIMIT, memoryFault } from "./memory-faults.js";
import type { EstimateSource } from "./node-memory.js";
import { PROCESS_BYTES } from "./stage-memory.js";

const plugin = manifestOf(library);
const node = (id: string, changes: Partial<PlanNode>): PlanNode => ({
  id,
  name: id,
  aliases: [],
  stage: id,
  plugin: plugin.name,
  kind: "core",
  type: { kind: "Split" },
  cell: {},
  params: {},
  origins: {},
  lesson: null,
  inputs: [],
  files: [],
  run: {},
  span: { file: "a.kdp", start: 0, end: 0 },
  ...changes,
});
const input = (port: string, id: string, output: string | null = null) => ({
  port,
  index: null,
  label: null,
  node: id,
  output,
});

const dataset = node("data", { stage: "dataset", files: [{ param: "source", path: "a.tsv", base: null }] });
const split = node("split", { stage: "leave_one_out", kind: "split", inputs: [input("dataset", "data")] });
const model = node("model", {
  stage: "bprmf",
  kind: "model",
  params: { dim: 10, optimizer: "adam", negatives: 2, batch: 100, early_stop: null, keep_best: [], snapshots: 0 },
  inputs: [input("events", "split", "train")],
});
const ranked = node("ranked", {
  stage: "rank",
  params: { top: 50, item_top: null },
  inputs: [input("teacher", "model")],
});
const scores = node("scores", {
  stage: "evaluate",
  params: { candidates: 99 },
  inputs: [input("model", "model"), input("on", "split", "test")],
});
const PLAN = [dataset, split, model, ranked, scores];

const [USERS, ITEMS, N, ROW] = [1000, 500, 100_000, 16];
const table = (name: string, rows: number, bytes: number) => ({ name, file: "", rows, bytes, sha256: "", schema: [] });
const stored = (id: string, more: Partial<ArtefactMeta> = {}): ArtefactMeta => ({
  kdpArtefact: 1,
  key: "",
  stage: "",
  node: id,
  facts: {},
  notes: [],
  tables: [table("interactions", N, ROW * N), table("user-ids", USERS, 9), table("item-ids", ITEMS, 9)],
  seconds: 1,
  createdAt: "",
  ...more,
});

const source = (changes: Partial<EstimateSource> = {}): EstimateSource => ({
  meta: () => undefined,
  manifests: new Map([[plugin.name, plugin]]),
  fileBytes: () => 1e6,
  lastPeak: () => null,
  device: () => "cpu",
  ...changes,
});
const known = source({ meta: (id) => (id === "data" ? stored("data", { peakRssBytes: 77 }) : undefined) });
const beyond = (forecast: MemoryForecast, id: string) => (forecast.ofPlan.get(id)?.bytes ?? Number.NaN) - PROCESS_BYTES;

describe("the memory of a node", () => {
  it("is that of its stored result, where there is one", () => {
    expect(new MemoryForecast(PLAN, known).ofPlan.get("data")).toEqual({
      bytes: 77,
      basis: "measured",
      why: null,
      tables: 0,
    });
  });

  it("is made of the sizes of the data and its arguments", () => {
    const forecast = new MemoryForecast(PLAN, known);
    const parameters = (USERS + ITEMS) * 10;
    const grouping = N * (ROW + 8);
    const users = USERS * (4 * 99 + 40);
    expect(beyond(forecast, "split")).toBe(N * (2 * ROW + 9));
    expect(beyond(forecast, "model")).toBe(4 * parameters * 4 + N * (4 + 4 + 4 + 8) + 4 * parameters * 3);
    const opened = 2 * 4 * parameters + 4 * N;
    expect(beyond(forecast, "ranked")).toBe(opened + 4 * N + 2 * 8 * 50 * USERS);
    expect(beyond(forecast, "scores")).toBe(opened + Math.max(grouping, N * 12 + users));
    expect(forecast.ofPlan.get("model")).toMatchObject({ basis: "data", why: null, tables: 16 * parameters });
  });

  it("grows with what is kept of the training, and with a helper of a loss", () => {
    const bytesOf = (changes: Partial<PlanNode>) =>
      beyond(new MemoryForecast([dataset, split, { ...model, ...changes }], known), "model");
    const params = (more: object) => ({ params: { ...model.params, dim: 100, ...more } });
    const plain = bytesOf(params({}));
    const parameters = (USERS + ITEMS) * 100;
    expect(bytesOf(params({ early_stop: "ndcg@10" })) - plain).toBe(4 * parameters);
    expect(bytesOf(params({ optimizer: "sgd" })) - plain).toBe(-4 * parameters * 4);
    expect(bytesOf(params({ snapshots: 3 })) - plain).toBe(3 * USERS * 400);
    expect(bytesOf({ ...params({}), inputs: [...model.inputs, input("valid", "split", "valid")] })).toBeGreaterThan(
      plain + N * 8,
    );
  });

  it("of a student counts its teachers, and what its losses declare", () => {
    const student = node("student", {
      stage: "bprmf",
      kind: "model",
      params: { ...model.params, dim: 100 },
      inputs: [input("events", "split", "train"), input("teachers", "model"), input("rankings", "ranked")],
      lesson: {
        baseWeight: 1,
        losses: [{ stage: "rrd", plugin: plugin.name, params: { interesting: 40, uninteresting: 60 }, origins: {} }],
      },
    });
    const alone = node("alone", { ...student, id: "alone", inputs: model.inputs, lesson: null });
    const forecast = new MemoryForecast([...PLAN, student, alone], known);
    const teachers = 2 * (4 * 10 * (USERS + ITEMS) + 8 * 50 * USERS);
    expect(beyond(forecast, "student") - beyond(forecast, "alone")).toBe(teachers + 4 * USERS * (40 + 60));
  });

  it("of a student counts the width of a crowd as that of its members, in the plan and when it is about to start", () => {
    const other = node("other", { ...model, id: "other", params: { ...model.params, dim: 64 } });
    const crowd = node("crowd", {
      stage: "borda",
      kind: "ensemble",
      params: { top: 50 },
      inputs: [input("teachers", "model"), input("teachers", "other")],
    });
    const student = node("student", {
      ...model,
      id: "student",
      inputs: [input("events", "split", "train"), input("teachers", "crowd")],
      lesson: { baseWeight: 1, losses: [{ stage: "ftd", plugin: plugin.name, params: {}, origins: {} }] },
    });
    const forecast = new MemoryForecast([...PLAN, other, crowd, student], known);
    const alone = beyond(new MemoryForecast(PLAN, known), "model");
    expect(beyond(forecast, "student") - alone).toBeGreaterThan(4 * 64 * (USERS + ITEMS));
    expect(forecast.atStart(student, known.meta)).toEqual(forecast.ofPlan.get("student"));
  });

  it("is not known while nobody has read the data, and then told to be as in the last run", () => {
    const forecast = new MemoryForecast(PLAN, source({ lastPeak: (id) => (id === "model" ? 5 : null) }));
    const why = "the data set has not been read yet";
    expect(forecast.ofPlan.get("data")).toMatchObject({ basis: "file", bytes: PROCESS_BYTES + 1.6e6 });
    expect(forecast.ofPlan.get("scores")).toMatchObject({ bytes: null, basis: "unknown", why });
    expect(forecast.ofPlan.get("model")).toMatchObject({ bytes: 5, basis: "last-run", why });
  });

  it("is known when it starts, whatever the plan knew", () => {
    const forecast = new MemoryForecast(PLAN, source());
    const there = (id: string) =>
      id === "split"
        ? stored("split", { tables: [table("train", N, ROW * N), ...stored("").tables.slice(1)] })
        : undefined;
    expect(forecast.atStart(model, there)).toEqual(new MemoryForecast(PLAN, known).ofPlan.get("model"));
  });

  it("of a plugin that does not declare it, or on another device, is not known, with the reason", () => {
    const foreign = { ...plugin, stages: { bprmf: { ...plugin.stages.bprmf, memory: undefined } } };
    const silent = new MemoryForecast(PLAN, { ...known, manifests: new Map([[plugin.name, foreign as never]]) });
    expect(silent.ofPlan.get("model")?.why).toBe("bprmf of @kdp/plugins does not declare its memory");
    expect(silent.ofPlan.get("scores")).toMatchObject({ bytes: null, why: "what it reads has no size that is known" });
    const gpu = new MemoryForecast(PLAN, { ...known, device: (id) => (id === "model" ? "webgpu" : null) });
    expect(gpu.ofPlan.get("model")?.why).toMatch(/device webgpu/);
    expect(gpu.ofPlan.get("scores")?.basis).toBe("data");
  });
});

describe("a node that its memory cannot hold", () => {
  const estimate = { bytes: 2 ** 30, basis: "data", why: null, tables: 0 } as const;

  it("is refused when its estimate is above its bound", () => {
    const fault = memoryFault({ id: "m", run: { memoryBytes: 2 ** 29 } }, estimate);
    expect(fault).toMatchObject({ code: "KDP5514", kind: "user", place: "m" });
    expect(fault?.message).toBe("it needs about 1.00 GB of memory, and `@run(memory: …)` gives it 512 MB");
    expect(memoryFault({ id: "m", run: { memoryBytes: 2 ** 30 } }, estimate)).toBeNull();
    expect(memoryFault({ id: "m", run: {} }, estimate)).toBeNull();
  });

  it("is not refused for a guess", () => {
    const run = { memoryBytes: 1 };
    for (const basis of ["file", "last-run", "unknown"] as const)
      expect(memoryFault({ id: "m", run }, { ...estimate, basis })).toBeNull();
  });

  it("is refused when its tables do not fit into the kernels' memory", () => {
    const run = {};
    expect(memoryFault({ id: "m", run }, { ...estimate, tables: KERNEL_LIMIT })).toBeNull();
    expect(memoryFault({ id: "m", run }, { ...estimate, tables: 1.5 * 2 ** 32 })).toMatchObject({
      code: "KDP8015",
      place: "m",
      message: expect.stringContaining("need 6.00 GiB"),
    });
  });
});
