import "reflect-metadata";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { PlanNode } from "@kdp/dsl";
import type { PluginManifest } from "@kdp/plugin-api";
import type { DeviceProbe } from "@kdp/plugin-api/device";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Project } from "../project/project.js";
import { StoreLayout } from "../store/layout.js";
import { nodeStoreFs } from "../store/store-fs.js";
import { DeviceChooser } from "./choose-devices.js";
import { describeDevices } from "./describe-devices.js";
import { RememberedProbes } from "./probe-memory.js";
import { probeInProcess } from "./probe-process.js";

const GPU: DeviceProbe = { usable: true, found: "ACME 9000", processor: "gpu", numericClass: "acme/1" };
const SOFTWARE: DeviceProbe = { ...GPU, found: "llvmpipe", processor: "cpu" };
const NONE: DeviceProbe = { usable: false, reason: "no card", mend: "buy one" };

let root: string;
let set: string | undefined;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "kdp-devices-"));
  set = process.env.KDP_DEVICE;
  delete process.env.KDP_DEVICE;
});
afterEach(() => {
  rmSync(root, { recursive: true, force: true });
  if (set === undefined) delete process.env.KDP_DEVICE;
  else process.env.KDP_DEVICE = set;
});

function writeIn(folder: string, name: string, text: string): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, name), text);
}

/** Installs a device into the project, in place of the real one that a clone of kdp brings. */
function install(name: "webgpu" | "tensorflow", body: string): void {
  const folder = join(root, "node_modules", "@kdp", `device-${name}`);
  const json = { name: `@kdp/device-${name}`, version: "1.0.0", type: "module", exports: "./index.js" };
  writeIn(folder, "package.json", JSON.stringify(json));
  writeIn(folder, "index.js", `import { appendFileSync } from "node:fs"; export default ${body};`);
}

/** A device that answers so, and counts how often it was asked. */
const answering = (probe: DeviceProbe, name = "webgpu") => `{
  kdpDevice: 1, name: "${name}",
  async probe() { appendFileSync(${JSON.stringify(join(root, "asked"))}, "x"); return ${JSON.stringify(probe)}; },
  async load() { throw new Error("not in a test"); },
}`;

const model = (changes: object = {}) =>
  ({ kind: "model", doc: "", views: [], student: true, trained: true, params: {}, ...changes }) as const;
const manifests = new Map<string, PluginManifest>([
  [
    "lib",
    {
      kdpManifest: 1,
      name: "lib",
      version: "1.0.0",
      api: "^1",
      stages: {
        mf: model({ factors: true }),
        knn: model({ trained: false }),
        old: model({ cpuOnly: true }),
        own: { kind: "loss", doc: "", params: {}, needs: [], teachers: "one", studentNeeds: [], cpuOnly: true },
      },
    },
  ],
]);
const node = (id: string, changes: Partial<PlanNode> = {}) =>
  ({ id, stage: "mf", plugin: "lib", kind: "model", lesson: null, run: {}, ...changes }) as PlanNode;

const probes = () => new RememberedProbes(new StoreLayout(join(root, ".kdp")), nodeStoreFs);
const choose = (nodes: readonly PlanNode[], device?: string) =>
  new DeviceChooser({ root } as Project, probes()).choose(nodes, device, manifests);

describe("auto", () => {
  it("takes a GPU that works, the better device first, and says why", async () => {
    install("tensorflow", answering(NONE, "tensorflow"));
    install("webgpu", answering(GPU));
    const { run, of } = await choose([node("a")]);
    expect(run).toMatchObject({
      name: "webgpu",
      numericClass: "acme/1",
      found: "ACME 9000",
      why: expect.stringMatching(/GPU/),
    });
    expect(of(node("a"))).toBe(run);
    install("tensorflow", answering({ ...GPU, numericClass: "t/1" }, "tensorflow"));
    writeFileSync(join(root, ".kdp", "devices.json"), "{}");
    expect((await choose([node("a")])).run.name).toBe("tensorflow");
  });

  it("never takes software, and tells what it saw", async () => {
    install("tensorflow", answering(NONE, "tensorflow"));
    install("webgpu", answering(SOFTWARE));
    const { run } = await choose([node("a")]);
    expect(run).toMatchObject({ name: "cpu", numericClass: "cpu/1", entry: null });
    expect(run.why).toBe("auto: tensorflow cannot be used: no card; webgpu has no GPU, only llvmpipe");
  });

  it("asks nobody when nothing is trained", async () => {
    install("webgpu", answering(GPU));
    const { run, trains } = await choose([node("a", { stage: "knn" }), node("b", { kind: "core", stage: "rank" })]);
    expect(run).toMatchObject({ name: "cpu", why: "nothing in this pipeline is trained" });
    expect(trains(node("a"))).toBe(false);
  });

  it("leaves to the CPU what has no other form", async () => {
    install("webgpu", answering(GPU));
    install("tensorflow", answering(NONE, "tensorflow"));
    const taught = node("b", {
      lesson: { baseWeight: 1, losses: [{ stage: "own", plugin: "lib", params: {}, origins: {} }] },
    });
    const { of } = await choose([node("a", { stage: "old" }), taught, node("c")], "webgpu");
    expect(of(node("a"))).toMatchObject({ name: "cpu", why: "old computes on the CPU only" });
    expect(of(node("b"))).toMatchObject({ name: "cpu", why: "own computes on the CPU only" });
    expect(of(node("c")).name).toBe("webgpu");
  });

  it("says why no node asked for a device", async () => {
    install("webgpu", answering(GPU));
    const old = node("a", { stage: "old" });
    const named = node("b", { run: { device: "cpu" } });
    const why = async (nodes: readonly PlanNode[]) => (await choose(nodes, "webgpu")).run.why;
    expect(await why([old, node("c", { stage: "old" })])).toBe("old computes on the CPU only");
    expect(await why([named])).toBe("every node names a device");
    expect(await why([old, named])).toBe("every node names a device or computes on the CPU only");
  });
});

describe("a device by name", () => {
  it("may be software; the environment's KDP_DEVICE names one too, @run before both", async () => {
    install("webgpu", answering(SOFTWARE));
    expect((await choose([node("a")], "webgpu")).run).toMatchObject({ name: "webgpu", why: "asked for" });
    process.env.KDP_DEVICE = "webgpu";
    expect((await choose([node("a")])).run.name).toBe("webgpu");
    const { of } = await choose([node("a", { run: { device: "cpu" } }), node("b")]);
    expect([of(node("a")).name, of(node("b")).name]).toEqual(["cpu", "webgpu"]);
  });

  it("that is none ends with the user's code and a suggestion, wherever it stands", async () => {
    const wrong = { data: { code: "KDP5513", kind: "user", message: expect.stringMatching(/did you mean webgpu\?/) } };
    await expect(choose([node("a")], "webgup")).rejects.toMatchObject(wrong);
    await expect(choose([node("a", { run: { device: "webgup" } })])).rejects.toMatchObject({
      data: { ...wrong.data, place: "a" },
    });
  });

  it("that does not work ends with the reason and the command, and is asked again each time", async () => {
    install("webgpu", answering(NONE));
    const fault = {
      code: "KDP8011",
      kind: "run",
      message: expect.stringMatching(/no card/),
      fix: expect.stringMatching(/^buy one; or /),
    };
    await expect(choose([node("a")], "webgpu")).rejects.toMatchObject({ data: fault });
    install("webgpu", answering(SOFTWARE));
    expect((await choose([node("a")], "webgpu")).run.name).toBe("webgpu");
  });

  it("does not serve a node that only the CPU can compute", async () => {
    install("webgpu", answering(GPU));
    const only = node("a", { stage: "old", run: { device: "webgpu" } });
    await expect(choose([only])).rejects.toMatchObject({
      data: { code: "KDP8011", place: "a", message: expect.stringMatching(/CPU only/) },
    });
  });
});

describe("rankings", () => {
  const from = (port: string, ...ids: string[]) => ({
    kind: "core" as const,
    inputs: ids.map((id, index) => ({ port, node: id, index, output: null, label: null })),
  });
  const plan = [
    node("a"),
    node("knn", { stage: "knn" }),
    node("lists", { stage: "rank", ...from("teacher", "a") }),
    node("others", { stage: "rank", ...from("teacher", "knn") }),
    node("scores", { stage: "evaluate", ...from("model", "a") }),
    node("of_lists", { stage: "evaluate", ...from("model", "lists") }),
    node("crowd", { stage: "borda", ...from("teachers", "knn", "a"), kind: "ensemble" }),
    node("split", { stage: "random_split", ...from("events"), kind: "split" }),
  ];
  const ranked = async (nodes: readonly PlanNode[], device?: string) => {
    const { of, ranks } = await choose(nodes, device);
    return nodes.filter(ranks).map((each) => [each.id, of(each).name]);
  };

  it("are those of inner products, on a device that is named", async () => {
    install("webgpu", answering(GPU));
    expect(await ranked(plan, "webgpu")).toEqual(["a", "lists", "scores", "crowd"].map((id) => [id, "webgpu"]));
    process.env.KDP_DEVICE = "webgpu";
    expect(await ranked(plan)).toHaveLength(4);
  });

  it("stay on the CPU under auto, and on a device that has no kernels for them", async () => {
    install("webgpu", answering(GPU));
    install("tensorflow", answering(GPU, "tensorflow"));
    expect(await ranked(plan, "auto")).toEqual([]);
    expect(await ranked(plan, "tensorflow")).toEqual([]);
    const { of } = await choose(plan, "tensorflow");
    expect(of(plan[2] as PlanNode)).toMatchObject({ name: "cpu", ranks: false });
  });

  it("go where @run says, though nothing is trained", async () => {
    install("webgpu", answering(SOFTWARE));
    const scores = node("scores", { stage: "evaluate", ...from("model", "stored"), run: { device: "webgpu" } });
    const stored = node("stored", { stage: "artifact", ...from("model") });
    expect(await ranked([stored, scores])).toEqual([["scores", "webgpu"]]);
    expect(await ranked([stored, node("scores", { ...scores, run: { device: "cpu" } })], "webgpu")).toEqual([]);
    expect((await choose([stored, node("scores", { ...scores, run: {} })], "webgpu")).run.name).toBe("webgpu");
  });
});

describe("an answer", () => {
  it("is remembered, but not by kdp doctor", async () => {
    install("webgpu", answering(GPU));
    install("tensorflow", answering(NONE, "tensorflow"));
    await choose([node("a")], "webgpu");
    await choose([node("a")], "webgpu");
    const asked = () => readFileSync(join(root, "asked"), "utf8").length;
    expect(asked()).toBe(1);
    writeIn(root, "package.json", '{ "name": "x" }');
    const told = await describeDevices(root);
    expect(told.map(({ name, usable, installed }) => [name, usable, installed])).toEqual([
      ["cpu", true, true],
      ["tensorflow", false, true],
      ["webgpu", true, true],
    ]);
    expect(told[1]).toMatchObject({ reason: "no card", mend: "buy one" });
    expect(asked()).toBe(3);
  });

  it.each([
    ["crashes", "{ kdpDevice: 1, name: 'x', probe() { process.abort(); } }", /ended the process/],
    ["hangs", "{ kdpDevice: 1, name: 'x', probe: () => new Promise((r) => setTimeout(r, 1e6)) }", /did not answer/],
    ["throws", "{ kdpDevice: 1, name: 'x', probe() { throw new Error('broken cable'); } }", /^broken cable$/],
    ["is no device", "{}", /cannot be loaded/],
  ])("of one that %s is a reason", async (_, body, reason) => {
    install("webgpu", body);
    const entry = pathToFileURL(join(root, "node_modules/@kdp/device-webgpu/index.js")).href;
    const limit = body.includes("setTimeout") ? 3000 : 60_000;
    expect(await probeInProcess(entry, limit)).toMatchObject({ usable: false, reason: expect.stringMatching(reason) });
  });
});
