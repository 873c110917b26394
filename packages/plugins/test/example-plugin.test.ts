import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";

const packages = join(import.meta.dirname, "../..");
const example = join(import.meta.dirname, "fixtures/example-plugin");

// The example's own test, as its authors would run it.
await import(join(example, "plugin.test.js"));

const PIPELINE = `kdp 1

use "@kdp-example/softmax@^0.1" as soft

pipeline with_plugin {
  let split = dataset("npm:@kdp/dataset-insteval/insteval.tsv.gz") -> leave_one_out(seed: 0)
  let teacher = split.train -> soft.biased_mf(dim: 16, epochs: 2, learning_rate: 1e-2)
  let student = bprmf(dim: 4, epochs: 2, learning_rate: 1e-2)
  let plain = split.train -> student
  let kd = teacher -> distill(soft.softmax(weight: 0.1, top: 20)) -> student
  let scores = [teacher, plain, kd] -> each evaluate(on: split.test, metrics: [recall@50])
  expect scores.kd.recall@50 > 0
  export model = kd -> artifact(format: "arrow")
}
`;

/** A project as npm would leave it: the plugin and the data lie in its node_modules. */
function installed(): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "kdp-example-")));
  writeFileSync(join(folder, "package.json"), "{}");
  const links = { "@kdp-example/softmax": example, "@kdp/dataset-insteval": join(packages, "dataset-insteval") };
  for (const [name, target] of Object.entries(links)) {
    const link = join(folder, "node_modules", name);
    mkdirSync(dirname(link), { recursive: true });
    symlinkSync(target, link);
  }
  writeFileSync(join(folder, "with-plugin.kdp"), PIPELINE);
  return folder;
}

describe("the example plugin, installed", () => {
  const folder = installed();
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const kdp = (...args: string[]) =>
    spawnSync(process.execPath, [join(packages, "cli/bin/kdp.js"), ...args], { cwd: folder, encoding: "utf8" });

  it("trains a teacher with its model and a student with its loss, through the command", () => {
    const { status, stdout, stderr } = kdp("run", "with-plugin.kdp", "--out", "out", "--json");
    expect(status, stderr).toBe(0);
    const { nodes, metrics, environment } = JSON.parse(stdout);
    const curve = nodes.find(({ name }: { name: string }) => name === "kd").curve;
    const [first, last] = [curve[0].losses.softmax, curve.at(-1).losses.softmax];
    expect(first).toBeGreaterThan(0);
    expect(last).toBeLessThan(first);
    const measured = metrics.map(({ node }: { node: string }) => node);
    expect(measured).toEqual(expect.arrayContaining(["scores.teacher", "scores.plain", "scores.kd"]));
    expect(environment.plugins).toMatchObject({ "@kdp-example/softmax": "0.1.0" });
  }, 120_000);

  it("is pinned in kdp.lock, so that a frozen check passes and a changed manifest does not", () => {
    const lock = JSON.parse(readFileSync(join(folder, "kdp.lock"), "utf8"));
    expect(lock.plugins).toMatchObject({ "@kdp-example/softmax": { version: "0.1.0", api: "^1" } });
    expect(kdp("check", "with-plugin.kdp", "--frozen").status).toBe(0);
    lock.plugins["@kdp-example/softmax"].integrity = `sha256-${"0".repeat(64)}`;
    writeFileSync(join(folder, "kdp.lock"), JSON.stringify(lock));
    const { status, stdout, stderr } = kdp("check", "with-plugin.kdp");
    expect(status).toBe(2);
    expect(stdout + stderr).toContain("KDP5503");
  });
});
