import { readFileSync, readlinkSync } from "node:fs";
import { basename, join } from "node:path";
import { describe, expect, it } from "vitest";
import { TestProject } from "./support/harness.js";

const chain = [
  { id: "a", params: { value: 2 } },
  { id: "b", params: { value: 3 }, inputs: ["a"] },
  { id: "c", params: { value: 5 }, inputs: ["a", "b"] },
];

describe("a run", () => {
  it("computes every node once and finds all of them the second time", async () => {
    const project = new TestProject();
    const first = await project.run({ nodes: chain });
    expect(first).toMatchObject({ exitCode: 0, faults: [], statuses: { a: "ran", b: "ran", c: "ran" } });
    expect(first.manifest?.nodes.map(({ facts }) => facts.sum)).toEqual([2, 5, 12]);
    const second = await project.run({ nodes: chain });
    expect(second).toMatchObject({ exitCode: 0, statuses: { a: "hit", b: "hit", c: "hit" } });
    expect(second.events.filter(({ type }) => type === "node-started")).toEqual([]);
    expect(second.manifest?.nodes.map(({ facts }) => facts.sum)).toEqual([2, 5, 12]);
  });

  it("keeps its folder out of version control, and says which device computed", async () => {
    const project = new TestProject();
    const run = await project.run({ nodes: chain });
    expect(project.read(".kdp/.gitignore")).toBe("*\n");
    expect(run.manifest?.environment.device).toBe("cpu");
    project.write(".kdp/.gitignore", "/store\n");
    await project.run({ nodes: chain });
    expect(project.read(".kdp/.gitignore")).toBe("/store\n");
  });

  it("leaves a manifest and a link to the latest run", async () => {
    const project = new TestProject();
    const { folder, manifest } = await project.run({ nodes: chain });
    if (folder === null) throw new Error("no folder");
    expect(project.manifest(folder)).toEqual(JSON.parse(JSON.stringify(manifest)));
    expect(readlinkSync(join(folder, "..", "latest"))).toBe(basename(folder));
    expect(manifest?.nodes[2]).toMatchObject({
      id: "c",
      notes: ["made of 2 inputs"],
      attempts: 1,
      reason: { field: "node", was: null, now: "new" },
      log: "logs/c.ndjson",
    });
    expect(readFileSync(join(folder, "logs/c.ndjson"), "utf8")).toBeDefined();
  });
});
