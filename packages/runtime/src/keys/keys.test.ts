import { mkdtempSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import "reflect-metadata";
import type { PlanNode } from "@kdp/dsl";
import type { PluginManifest } from "@kdp/plugin-api";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { StoreLayout } from "../store/layout.js";
import { nodeStoreFs } from "../store/store-fs.js";
import { canonicalJson } from "./canonical-json.js";
import { codeVersions } from "./code-versions.js";
import { contentKeys } from "./content-keys.js";
import { explainMiss, type RememberedNode } from "./explain-miss.js";
import { MemoisedDigests } from "./file-digests.js";
import { numericClass } from "./numeric-class.js";
import { sha256 } from "./sha256.js";

describe("canonical JSON", () => {
  it("does not depend on the order of members", () => {
    expect(canonicalJson({ b: [1, { d: null, c: "é" }], a: -0, skipped: undefined })).toBe(
      '{"a":0,"b":[1,{"c":"é","d":null}]}',
    );
  });

  it("says the same as JSON, for any value", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(JSON.parse(canonicalJson(value))).toEqual(JSON.parse(JSON.stringify(value).replaceAll("-0,", "0,")));
      }),
    );
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY, 1n, () => 1, Symbol("s")])("refuses %s", (value) => {
    expect(() => canonicalJson({ value })).toThrow(TypeError);
  });
});

const model = { kind: "model", doc: "d", params: {}, views: [], student: true, trained: true } as const;
const lossFacts = { kind: "loss", doc: "d", params: {}, needs: [], teachers: "one", studentNeeds: [] } as const;
const metric = { kind: "metric", doc: "d", params: {}, cutoff: true, higherIsBetter: true } as const;

const manifest = (changes: Partial<PluginManifest> = {}): PluginManifest => ({
  kdpManifest: 1,
  name: "lib",
  version: "1.0.0",
  api: "^1",
  stages: { bprmf: model, rrd: { ...lossFacts, cacheVersion: 3 }, ndcg: metric },
  ...changes,
});

const node = (changes: Partial<PlanNode> = {}): PlanNode => ({
  id: "kd[seed=0]",
  name: "kd",
  aliases: [],
  stage: "bprmf",
  plugin: "lib",
  kind: "model",
  type: { kind: "Model", views: [] },
  cell: { seed: 0 },
  params: { dim: 8, early_stop: "ndcg@10" },
  origins: {},
  lesson: { baseWeight: 1, losses: [{ stage: "rrd", plugin: "lib", params: { temperature: 10 }, origins: {} }] },
  inputs: [],
  files: [],
  run: {},
  span: { file: "a", start: 0, end: 1 },
  ...changes,
});

const files = new Map([["data", { source: { path: "/x/a.tsv", sha256: "f".repeat(64) } }]]);
const data = node({
  id: "data",
  stage: "dataset",
  plugin: "kdp",
  kind: "core",
  params: { source: "a.tsv", header: null },
  lesson: null,
});
const taught = (changes: Partial<PlanNode> = {}) =>
  node({ inputs: [{ port: "events", index: null, label: "x", node: "data", output: "train" }], ...changes });

const keyed = (changes: Partial<PlanNode> = {}, plugin = manifest(), device = "cpu/1", first = data) =>
  contentKeys([first, taught(changes)], {
    files,
    code: codeVersions(new Map([[plugin.name, plugin]])),
    device: () => device,
  })[1]!;
const keyOf = (...args: Parameters<typeof keyed>) => keyed(...args).key;

describe("a content key", () => {
  it("is the hash of what decides the result", () => {
    expect(keyOf()).toBe(sha256(canonicalJson(keyed().ingredients)));
    expect(keyed().ingredients).toEqual({
      scheme: 1,
      stage: "bprmf",
      plugin: "lib",
      code: "version:1.0.0",
      params: { dim: 8, early_stop: "ndcg@10" },
      lesson: {
        baseWeight: 1,
        losses: [{ stage: "rrd", plugin: "lib", code: "cache:3", params: { temperature: 10 } }],
      },
      inputs: {
        events: {
          key: contentKeys([data], { files, code: codeVersions(new Map()), device: () => "cpu/1" })[0]?.key,
          output: "train",
        },
      },
      files: {},
      metrics: { ndcg: "lib version:1.0.0" },
      numeric: "cpu/1",
    });
  });

  it.each<[string, Partial<PlanNode>]>([
    ["name, cell and aliases", { id: "other", name: "other", aliases: ["x"], cell: { seed: 0, dim: 8 } }],
    ["labels", { inputs: [{ port: "events", index: null, label: "y", node: "data", output: "train" }] }],
    [
      "place and origins",
      { span: { file: "b", start: 5, end: 9 }, origins: { dim: { kind: "default", plugin: "lib" } } },
    ],
    ["wishes of @run", { run: { gpu: 1, memoryBytes: 1, timeoutSeconds: 1, retries: 2, device: "cpu" } }],
  ])("does not depend on %s", (_, changes) => {
    expect(keyOf(changes)).toBe(keyOf());
  });

  it.each<[string, Partial<PlanNode>]>([
    ["arguments", { params: { dim: 9, early_stop: "ndcg@10" } }],
    ["losses", { lesson: { baseWeight: 1, losses: [] } }],
    ["the base weight", { lesson: { ...node().lesson!, baseWeight: 0 } }],
    [
      "a loss's arguments",
      { lesson: { baseWeight: 1, losses: [{ stage: "rrd", plugin: "lib", params: { temperature: 5 }, origins: {} }] } },
    ],
    [
      "the output that is read",
      { inputs: [{ port: "events", index: null, label: null, node: "data", output: "valid" }] },
    ],
    ["the stage", { stage: "ndcg" }],
  ])("depends on %s", (_, changes) => {
    expect(keyOf(changes)).not.toBe(keyOf());
  });

  it("depends on the plugin's version only where a stage declares no cache version", () => {
    expect(keyOf({}, manifest({ version: "1.0.1" }))).not.toBe(keyOf());
    const pinned = {
      bprmf: { ...model, cacheVersion: 1 },
      rrd: { ...lossFacts, cacheVersion: 3 },
      ndcg: { ...metric, cacheVersion: 1 },
    };
    const at = (version: string, rrd = 3) =>
      keyOf({}, manifest({ version, stages: { ...pinned, rrd: { ...pinned.rrd, cacheVersion: rrd } } }));
    expect(at("1.0.0")).toBe(at("2.0.0"));
    expect(at("1.0.0", 4)).not.toBe(at("1.0.0"));
  });

  it("depends on a file's content and ending, through every node that follows", () => {
    const other = (path: string, digest: string) => {
      const there = new Map([["data", { source: { path, sha256: digest.repeat(64) } }]]);
      return contentKeys([data, taught()], {
        files: there,
        code: codeVersions(new Map([["lib", manifest()]])),
        device: () => "cpu/1",
      })[1]?.key;
    };
    expect(other("/elsewhere/b.tsv", "f")).toBe(keyOf());
    expect(other("/elsewhere/b.TSV", "f")).toBe(keyOf());
    expect(other("/x/a.csv", "f")).not.toBe(keyOf());
    expect(other("/x/a.tsv.gz", "f")).not.toBe(keyOf());
    expect(other("/x/a.tsv", "e")).not.toBe(keyOf());
  });

  it("has a numeric class where a stage computes", () => {
    expect(numericClass(data, "abacus/1")).toBeNull();
    expect(numericClass(node({ kind: "split" }), "abacus/1")).toBeNull();
    expect(numericClass(node(), "abacus/1")).toBe("abacus/1");
    expect(keyOf({}, manifest(), "abacus/1")).not.toBe(keyOf());
    // Only training runs on the device.
    expect(numericClass(node({ kind: "core", stage: "evaluate" }), "abacus/1")).toBe("cpu/1");
  });
});

describe("the reason of a miss", () => {
  const now = keyed();
  const last = (changes: Partial<PlanNode>, plugin = manifest(), first = data): RememberedNode => {
    const { key, ingredients } = keyed(changes, plugin, "cpu/1", first);
    return { key, ingredients, status: "ran" };
  };

  it.each<[string, RememberedNode | undefined, unknown]>([
    ["a new node", undefined, { field: "node", was: null, now: "new" }],
    ["a collected artefact", last({}), { field: "artefact", was: "stored", now: "gone" }],
    ["a failure", { ...last({}), status: "failed" }, { field: "artefact", was: "failed", now: "to run" }],
    ["an argument", last({ params: { dim: 4, early_stop: "ndcg@10" } }), { field: "dim", was: 4, now: 8 }],
    [
      "an argument that is gone",
      last({ params: { dim: 8, early_stop: "ndcg@10", x: 1 } }),
      { field: "x", was: 1, now: null },
    ],
    ["the losses", last({ lesson: null }), { field: "losses", was: null, now: "rrd" }],
    [
      "a loss's argument",
      last({
        lesson: { baseWeight: 1, losses: [{ stage: "rrd", plugin: "lib", params: { temperature: 1 }, origins: {} }] },
      }),
      { field: "rrd.temperature", was: 1, now: 10 },
    ],
    [
      "the code",
      last({}, manifest({ version: "0.9.0" })),
      { field: "code of bprmf", was: "version:0.9.0", now: "version:1.0.0" },
    ],
    ["the input", last({}, manifest(), { ...data, params: { header: true } }), { field: "input events" }],
  ])("is %s", (_, remembered, expected) => {
    expect(explainMiss(now, remembered)).toMatchObject(expected as object);
  });
});

describe("digests of files", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "kdp-digests-"));
  });
  afterEach(() => rmSync(folder, { recursive: true }));
  const digests = () => new MemoisedDigests(new StoreLayout(join(folder, ".kdp")), nodeStoreFs);

  it("are those of the content, and found again without reading it", async () => {
    const path = join(folder, "a.tsv");
    writeFileSync(path, "one");
    const first = digests();
    expect(await first.of(path)).toBe(sha256("one"));
    first.save();
    // The same size, time and inode: whoever believes them cannot see that the content is another.
    const { atime, mtime } = statSync(path);
    writeFileSync(path, "two");
    utimesSync(path, atime, mtime);
    const stamps = JSON.parse(readFileSync(join(folder, ".kdp/digests.json"), "utf8"));
    const stats = statSync(path, { bigint: true });
    stamps[path].stamp = `${stats.size}:${stats.mtimeNs}:${stats.ino}`;
    writeFileSync(join(folder, ".kdp/digests.json"), JSON.stringify(stamps));
    expect(await digests().of(path)).toBe(sha256("one"));
    writeFileSync(path, "three");
    expect(await digests().of(path)).toBe(sha256("three"));
  });

  it("do without a memory that cannot be read", async () => {
    const path = join(folder, "a.tsv");
    writeFileSync(path, "one");
    const first = digests();
    await first.of(path);
    first.save();
    writeFileSync(join(folder, ".kdp/digests.json"), "{");
    expect(await digests().of(path)).toBe(sha256("one"));
  });
});
