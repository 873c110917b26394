import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { InputError, type PluginManifest } from "@kdp/plugin-api";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { RuntimeFault } from "../faults.js";
import { faultOf } from "./blame.js";
import { loadedRegistry } from "./loaded-registry.js";
import { parseMetricKey, pluginOfMetric } from "./metric-key.js";
import type { PluginSource } from "./plugin-source.js";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "kdp-code-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

const novelty = { kind: "metric", doc: "How rare.", params: {}, cutoff: true, higherIsBetter: true } as const;
const manifest: PluginManifest = {
  kdpManifest: 1,
  name: "@acme/taste",
  version: "1.0.0",
  api: "^1",
  stages: { novelty },
};
const CODE = `{ name: "@acme/taste", version: "1.0.0", api: "^1",
  metrics: { novelty: { doc: "How rare.", params: {}, cutoff: true, higherIsBetter: true, perUser: () => 0.5 } } }`;

let modules = 0;
function source(code: string, changes: Partial<PluginManifest> = {}): PluginSource {
  const file = join(folder, `m${modules++}.mjs`);
  writeFileSync(file, code);
  return { manifest: { ...manifest, ...changes }, entry: pathToFileURL(file).href, folder };
}

async function failure(of: PluginSource, stage = "novelty") {
  const error = await loadedRegistry([of])
    .metric("@acme/taste", stage)
    .catch((thrown: unknown) => thrown);
  return error instanceof RuntimeFault ? error.data : error;
}

describe("the code of a plugin", () => {
  it("is loaded once, when a stage of it is asked for", async () => {
    const registry = loadedRegistry([
      source(`globalThis.loads = (globalThis.loads ?? 0) + 1; export default ${CODE};`),
    ]);
    expect(Reflect.get(globalThis, "loads")).toBeUndefined();
    const [one, two] = await Promise.all([
      registry.metric("@acme/taste", "novelty"),
      registry.metricOf("@acme/taste.novelty@5"),
    ]);
    expect(one.perUser?.({ ranks: Float64Array.of(1), items: Int32Array.of(0), relevant: 1 }, 5, {} as never)).toBe(
      0.5,
    );
    expect(two).toBe(one);
    expect(Reflect.get(globalThis, "loads")).toBe(1);
  });

  it("that cannot be loaded is told with its name and version", async () => {
    expect(await failure(source("import 'not-installed-anywhere'; export default {};"))).toMatchObject({
      code: "KDP8016",
      place: "@acme/taste 1.0.0",
      message: expect.stringContaining("not-installed-anywhere"),
    });
    expect(await failure(source("throw new Error('at load');"))).toMatchObject({ code: "KDP8016" });
  });

  it("may have other words for readers", async () => {
    const width = { type: "int", default: 1, doc: "Width." } as const;
    const code = CODE.replace(
      "params: {}",
      'params: { source: { type: "int", default: 1, doc: "How wide.", source: "a paper" } }',
    );
    const stages = { novelty: { ...novelty, doc: "Rare.", params: { source: width } } };
    expect(
      await loadedRegistry([source(`export default ${code};`, { stages })]).metric("@acme/taste", "novelty"),
    ).toBeDefined();
    const other = { novelty: { ...novelty, params: { source: { ...width, default: 2 } } } };
    expect(await failure(source(`export default ${code};`, { stages: other }))).toMatchObject({ code: "KDP8017" });
  });

  it.each<[string, string, Partial<PluginManifest>]>([
    ["its default export is not made by definePlugin", "export default 3;", {}],
    ["version is 1.0.0 in its code and 1.0.1 in its manifest", `export default ${CODE};`, { version: "1.0.1" }],
    [
      '"novelty" differs between manifest and code',
      `export default ${CODE};`,
      { stages: { novelty: { ...novelty, cutoff: false } } },
    ],
    ['"gone" is only in its manifest', `export default ${CODE};`, { stages: { novelty, gone: novelty } }],
    ['"novelty" is only in its code', `export default ${CODE};`, { stages: {} }],
  ])("must be what its manifest says: %s", async (why, code, changes) => {
    expect(await failure(source(code, changes))).toMatchObject({
      code: "KDP8017",
      message: `the plugin's manifest is not that of its code: ${why}`,
    });
  });
});

describe("a metric", () => {
  it("is read from its key", () => {
    expect(parseMetricKey("ndcg@10")).toEqual({ plugin: null, stage: "ndcg", cutoff: 10 });
    expect(parseMetricKey("coverage")).toEqual({ plugin: null, stage: "coverage", cutoff: null });
    expect(parseMetricKey("@acme/kdp.taste.novelty@5")).toEqual({
      plugin: "@acme/kdp.taste",
      stage: "novelty",
      cutoff: 5,
    });
    expect(parseMetricKey("@acme/taste.novelty")).toEqual({ plugin: "@acme/taste", stage: "novelty", cutoff: null });
  });

  it("belongs to the plugin it names, else to the library", () => {
    const library = { ...manifest, name: "@kdp/plugins" };
    expect(pluginOfMetric(parseMetricKey("novelty@5"), [library, manifest])?.name).toBe("@kdp/plugins");
    expect(pluginOfMetric(parseMetricKey("@acme/taste.novelty@5"), [library, manifest])?.name).toBe("@acme/taste");
    expect(pluginOfMetric(parseMetricKey("other@5"), [library, manifest])).toBeNull();
  });
});

describe("the blame for an exception", () => {
  const plugin = { manifest, entry: "", folder: "/p/taste" };
  const context = {
    subject: { id: "scores", plugin: "@acme/taste" },
    plugins: [plugin],
    ownFolders: ["/kdp/runtime"],
  } as const;
  const thrown = (...frames: string[]) =>
    Object.assign(new TypeError("oh"), { stack: ["TypeError: oh", ...frames].join("\n") });
  const own = "    at run (file:///kdp/runtime/dist/stages/evaluate.js:10:5)";
  const theirs = "    at perUser (file:///p/taste/index.js:3:9)";
  const tensors = "    at matMul (/p/taste/node_modules/@tensorflow/tfjs-core/dist/tf-core.js:1:1)";

  it("goes to the innermost frame that is a plugin's or kdp's", () => {
    expect(faultOf(thrown(theirs, own), context)).toMatchObject({
      code: "KDP8007",
      kind: "run",
      place: "scores, in plugin @acme/taste 1.0.0",
    });
    expect(faultOf(thrown(tensors, theirs, own), context).code).toBe("KDP8007");
    expect(faultOf(thrown(own, theirs), context)).toMatchObject({ code: "KDP9001", kind: "bug" });
    expect(faultOf(thrown("    at fromDsl (node:internal:1:1)"), context).code).toBe("KDP9001");
    expect(faultOf("a text", context)).toMatchObject({ code: "KDP8007", message: "a text" });
  });

  it("spares code where the data, the disk or the memory is to blame", () => {
    expect(faultOf(new InputError("KDP7203", "3 NaN", { fix: "remove them" }), context)).toEqual({
      code: "KDP7203",
      kind: "user",
      message: "3 NaN",
      place: "scores",
      fix: "remove them",
    });
    const full = Object.assign(new Error("write"), { code: "ENOSPC" });
    expect(faultOf(full, context)).toMatchObject({ code: "KDP8003", kind: "run" });
    expect(faultOf(new RangeError("Array buffer allocation failed"), context)).toMatchObject({
      code: "KDP8006",
      kind: "run",
    });
    expect(faultOf(new RuntimeFault({ code: "KDP8001", kind: "run", message: "NaN" }), context)).toMatchObject({
      code: "KDP8001",
      place: "scores",
    });
  });
});
