import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createRuntime } from "@kdp/runtime";
import { describe, expect, it } from "vitest";
import { type PlanSpec, TestProject } from "./support/harness.js";

const sums = (value: number): PlanSpec => ({
  nodes: [
    { id: "a", params: { value: 1 } },
    { id: "b", params: { value: 1 }, inputs: ["a"] },
    { id: "c", params: { value }, inputs: ["b"] },
  ],
});

/** A project whose nodes are stored, and the folder of one of the artefacts. */
async function stored(id: string) {
  const project = new TestProject();
  const run = await project.run(sums(1));
  const key = run.manifest?.nodes.find((node) => node.id === id)?.key ?? "";
  return { project, key, folder: join(project.folder, ".kdp/store", key.slice(0, 2), key) };
}

function flipLastByte(path: string): void {
  const bytes = readFileSync(path);
  bytes.writeUInt8(bytes.readUInt8(bytes.length - 1) ^ 1, bytes.length - 1);
  writeFileSync(path, bytes);
}

const warning = (node: string) => ({
  code: "KDP8008",
  place: node,
  message: expect.stringContaining(`the stored result of "${node}" is damaged`),
});

describe("a damaged artefact", () => {
  it.each([
    ["a table changed in place", (folder: string) => flipLastByte(join(folder, "value.arrow"))],
    ["a table cut short", (folder: string) => writeFileSync(join(folder, "value.arrow"), "x")],
    ["a table gone", (folder: string) => rmSync(join(folder, "value.arrow"))],
    ["its description torn", (folder: string) => writeFileSync(join(folder, "artefact.json"), "{")],
    ["its description gone", (folder: string) => rmSync(join(folder, "artefact.json"))],
  ])("%s is computed again when something reads it, with a warning", async (_, harm) => {
    const { project, folder } = await stored("b");
    harm(folder);
    const run = await project.run(sums(2));
    expect(run).toMatchObject({ exitCode: 0, faults: [], statuses: { a: "hit", b: "ran", c: "ran" } });
    expect(run.manifest?.nodes[2]?.facts.sum).toBe(4);
    expect(run.manifest?.warnings).toMatchObject([warning("b")]);
    expect(run.manifest?.nodes[1]?.reason).toEqual({ field: "artefact", was: "stored", now: "damaged" });
    expect(await project.run(sums(2))).toMatchObject({ statuses: { a: "hit", b: "hit", c: "hit" } });
  });

  it("whose own input is damaged too needs both", async () => {
    const { project, folder } = await stored("b");
    const a = project.manifest(join(project.folder, ".kdp/runs/sums/latest")).nodes[0]?.key ?? "";
    flipLastByte(join(folder, "value.arrow"));
    flipLastByte(join(project.folder, ".kdp/store", a.slice(0, 2), a, "value.arrow"));
    const run = await project.run(sums(2));
    expect(run).toMatchObject({ exitCode: 0, statuses: { a: "ran", b: "ran", c: "ran" } });
    expect(run.manifest?.warnings.map(({ place }) => place).sort()).toEqual(["a", "b"]);
  });

  it("is a miss of the plan when its sizes tell", async () => {
    const { project, folder } = await stored("c");
    writeFileSync(join(folder, "value.arrow"), "x");
    const planned = await project.plan(sums(1));
    expect(planned.nodes?.map(({ cached }) => cached)).toEqual([true, true, false]);
    expect(planned.nodes?.[2]?.reason).toEqual({ field: "artefact", was: "stored", now: "damaged" });
  });

  it("whose numbers in the description were changed does not pass them on", async () => {
    const { project, folder } = await stored("c");
    const path = join(folder, "artefact.json");
    writeFileSync(path, readFileSync(path, "utf8").replace('"sum": 3', '"sum": 4'));
    const run = await project.run(sums(1));
    expect(run.statuses).toEqual({ a: "hit", b: "hit", c: "ran" });
    expect(run.manifest?.nodes[2]?.facts.sum).toBe(3);
  });

  it("is found by `cache verify`, and removed when asked", async () => {
    const { project, key, folder } = await stored("a");
    flipLastByte(join(folder, "value.arrow"));
    const { cache } = createRuntime();
    const look = (remove: boolean) => cache(project.folder, (store) => store.verify({ remove }));
    expect(await look(false)).toMatchObject({
      checked: 3,
      damaged: [{ key, damage: "the content of value.arrow was changed" }],
    });
    expect(await look(true)).toMatchObject({ damaged: [{ key }] });
    expect(await look(false)).toEqual({ checked: 2, damaged: [] });
  });
});
