import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { RuntimeFault } from "../faults.js";
import { nodeStoreFs } from "../store/store-fs.js";
import { LockFile } from "./lock-file.js";
import { packageEntry } from "./package-entry.js";
import { PluginResolver, type PluginSpec } from "./plugin-resolver.js";

let root: string;
beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), "kdp-plugins-")));
});
afterEach(() => rmSync(root, { recursive: true }));

function write(name: string, value: unknown): void {
  mkdirSync(dirname(join(root, name)), { recursive: true });
  writeFileSync(join(root, name), typeof value === "string" ? value : JSON.stringify(value));
}

const manifest = { kdpManifest: 1, name: "@acme/topo", version: "1.2.3", api: "^1", stages: {} };
const json = {
  name: "@acme/topo",
  version: "1.2.3",
  keywords: ["kdp-plugin"],
  kdp: { manifest: "./kdp.manifest.json" },
  exports: { ".": { types: "./index.d.ts", import: "./index.js" } },
};

function install(changes: { json?: object; manifest?: unknown } = {}, folder = "node_modules/@acme/topo"): void {
  write(`${folder}/package.json`, { ...json, ...changes.json });
  write(`${folder}/index.js`, "export default {}");
  write(`${folder}/kdp.manifest.json`, changes.manifest ?? manifest);
}

const SPEC: PluginSpec = { name: "@acme/topo", range: "^1.2" };

function resolve(spec: PluginSpec = SPEC, frozen = false, lock = new LockFile(root)) {
  const resolver = new PluginResolver(lock, { frozen });
  const found = resolver.resolve(spec, join(root, "pipelines/p.kdp"));
  return { ...found, sources: resolver.sources, lock };
}

describe("a used plugin", () => {
  it("is found from the pipeline's folder by its manifest alone", () => {
    install();
    expect(resolve()).toMatchObject({ ok: true, manifest });
    expect(resolve().sources.get("@acme/topo")).toEqual({
      manifest,
      entry: pathToFileURL(join(root, "node_modules/@acme/topo/index.js")).href,
      folder: join(root, "node_modules/@acme/topo"),
    });
    install(
      { json: { version: "1.3.0" }, manifest: { ...manifest, version: "1.3.0" } },
      "pipelines/node_modules/@acme/topo",
    );
    expect(resolve()).toMatchObject({ manifest: { version: "1.3.0" } });
  });

  it("may be the package that the pipeline itself belongs to", () => {
    install({}, ".");
    expect(resolve()).toMatchObject({ ok: true, manifest });
  });

  it("that is not installed is told with those that are", () => {
    install();
    write("node_modules/other/package.json", { name: "other" });
    expect(resolve({ name: "@acme/tpo", range: "^1" })).toMatchObject({
      ok: false,
      code: "KDP5501",
      message: 'the plugin "@acme/tpo" is not installed here: npm install "@acme/tpo@^1"',
      candidates: ["@acme/topo"],
    });
    expect(resolve({ name: "../../etc", range: null })).toMatchObject({ ok: false, code: "KDP5501" });
  });

  it.each<[string, PluginSpec, Parameters<typeof install>[0], string, RegExp]>([
    [
      "outside the range",
      { ...SPEC, range: "^2" },
      {},
      "KDP5502",
      /is installed as 1\.2\.3, which is outside \^2: npm install/,
    ],
    ["with a range that is none", { ...SPEC, range: "latest!" }, {}, "KDP5502", /"latest!" is not a range of versions/],
    [
      "of another API",
      SPEC,
      { manifest: { ...manifest, api: "^2" } },
      "KDP5504",
      /written for plugin API \^2; this kdp has 1\./,
    ],
    ["whose API is no range", SPEC, { manifest: { ...manifest, api: "one" } }, "KDP5505", /api: "one" is not a range/],
    ["that is none", SPEC, { json: { kdp: undefined } }, "KDP5505", /is no kdp plugin: its package\.json has no "kdp"/],
    [
      "whose manifest is elsewhere",
      SPEC,
      { json: { kdp: { manifest: "../x.json" } } },
      "KDP5505",
      /lies outside the package/,
    ],
    [
      "that is not built",
      SPEC,
      { json: { kdp: { manifest: "./dist/m.json" } } },
      "KDP5505",
      /there is no file @acme\/topo\/dist\/m\.json; write it first, with manifestOf/,
    ],
    ["whose manifest is torn", SPEC, { manifest: "{" }, "KDP5505", /it is not JSON/],
    [
      "whose manifest is wrong",
      SPEC,
      { manifest: { ...manifest, stages: 3 } },
      "KDP5505",
      /stages: expected an object, found 3/,
    ],
    ["with another name", SPEC, { manifest: { ...manifest, name: "x" } }, "KDP5505", /name: it says "x"/],
    [
      "built for another version",
      SPEC,
      { manifest: { ...manifest, version: "1.2.2" } },
      "KDP5505",
      /it says 1\.2\.2, package\.json 1\.2\.3/,
    ],
    [
      "without a module",
      SPEC,
      { json: { exports: { ".": { require: "./index.cjs" } } } },
      "KDP5505",
      /has no module to load/,
    ],
  ])("%s has its own message", (_, spec, changes, code, message) => {
    install(changes);
    expect(resolve(spec)).toMatchObject({ ok: false, code, message: expect.stringMatching(message) });
  });
});

describe("kdp.lock", () => {
  it("is written on first use and verified afterwards", () => {
    install();
    resolve().lock.save(nodeStoreFs);
    const text = readFileSync(join(root, "kdp.lock"), "utf8");
    expect(JSON.parse(text)).toEqual({
      kdpLock: 1,
      plugins: {
        "@acme/topo": { version: "1.2.3", api: "^1", integrity: expect.stringMatching(/^sha256-[0-9a-f]{64}$/) },
      },
    });
    const again = resolve();
    expect(again.ok).toBe(true);
    again.lock.save(nodeStoreFs);
    expect(readFileSync(join(root, "kdp.lock"), "utf8")).toBe(text);
  });

  it("tells another version and a changed manifest", () => {
    install();
    resolve().lock.save(nodeStoreFs);
    install({ json: { version: "1.3.0" }, manifest: { ...manifest, version: "1.3.0" } });
    expect(resolve()).toMatchObject({
      code: "KDP5503",
      message: expect.stringMatching(/installed as 1\.3\.0, but kdp\.lock pins 1\.2\.3/),
    });
    install({ manifest: { ...manifest, api: ">=1" } });
    expect(resolve()).toMatchObject({
      code: "KDP5503",
      message: expect.stringMatching(/manifest of .* is not the one/),
    });
  });

  it("must pin everything under --frozen", () => {
    install();
    expect(resolve(SPEC, true)).toMatchObject({
      code: "KDP5508",
      message: expect.stringMatching(/^there is no kdp\.lock/),
    });
    write("kdp.lock", { kdpLock: 1, plugins: {} });
    expect(resolve(SPEC, true)).toMatchObject({
      code: "KDP5508",
      message: expect.stringMatching(/does not pin "@acme\/topo"/),
    });
    rmSync(join(root, "kdp.lock"));
    resolve().lock.save(nodeStoreFs);
    expect(resolve(SPEC, true).ok).toBe(true);
  });

  it.each(["{", "[]", '{ "kdpLock": 2, "plugins": {} }'])("that reads %s is refused", (text) => {
    write("kdp.lock", text);
    expect(() => new LockFile(root)).toThrow(RuntimeFault);
  });
});

describe("the module of a package", () => {
  it.each<[string, object, string | null]>([
    ["a string", { exports: "./index.js" }, "index.js"],
    ["conditions", { exports: { require: "./r.cjs", import: "./index.js" } }, "index.js"],
    ["nested conditions", { exports: { ".": { node: { import: "./index.js" }, default: "./b.js" } } }, "index.js"],
    ["the first of a list that is there", { exports: { ".": ["./index.js", "./b.js"] } }, "index.js"],
    ["main", { main: "index.js" }, "index.js"],
    ["index.js", {}, "index.js"],
    ["nothing exported", { exports: { "./sub": "./index.js" } }, null],
    ["a file that is not there", { exports: "./gone.js" }, null],
    ["a file outside", { exports: "../index.js" }, null],
  ])("is named by %s", (_, changes, expected) => {
    write("p/index.js", "");
    const found = { name: "p", version: "1.0.0", folder: join(root, "p"), json: { name: "p", ...changes } };
    expect(packageEntry(found)).toBe(expected === null ? null : join(root, "p", expected));
  });
});
