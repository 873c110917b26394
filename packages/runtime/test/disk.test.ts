import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createRuntime, type RuntimeFault } from "@kdp/runtime";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type PlanSpec, TestProject } from "./support/harness.js";
import { mountObstacle, SmallDisk } from "./support/small-disk.js";

const obstacle = mountObstacle();
const small: PlanSpec = { nodes: [{ id: "small", params: { value: 1 } }] };
/** Its table alone takes 1.6 MB. */
const large: PlanSpec = { nodes: [...small.nodes, { id: "large", params: { size: 200_000 }, inputs: ["small"] }] };

let disk: SmallDisk;
let project: TestProject;
let elsewhere: string;

// Real file systems instead of imitated errors: where they cannot be mounted, the reason is printed.
describe.skipIf(obstacle !== null)(`on a disk of its own${obstacle === null ? "" : ` (${obstacle})`}`, () => {
  beforeEach(() => {
    disk = new SmallDisk("600k");
    project = new TestProject(disk.folder);
    elsewhere = mkdtempSync(join(tmpdir(), "kdp-out-"));
  });
  afterEach(() => {
    disk.remove();
    rmSync(elsewhere, { recursive: true });
  });

  const store = () => readdirSync(join(project.folder, ".kdp/store"), { recursive: true }).map(String);

  it("a full disk fails the node that fills it, keeps what is finished, and goes on when there is room", async () => {
    const full = await project.run(large);
    expect(full).toMatchObject({ exitCode: 3, statuses: { small: "ran", large: "failed" } });
    expect(full.manifest?.nodes[1]?.fault).toMatchObject({
      code: "KDP8003",
      message: "no space is left on the disk (ENOSPC)",
      fix: expect.stringContaining("kdp cache gc"),
    });
    expect(store().filter((name) => name.endsWith("artefact.json"))).toHaveLength(1);
    expect(readdirSync(join(project.folder, ".kdp/tmp"))).toEqual([]);
    expect(project.manifest(full.folder ?? "").exitCode).toBe(3);

    disk.remount("size=8m");
    expect(await project.run(large)).toMatchObject({ exitCode: 0, statuses: { small: "hit", large: "ran" } });
  });

  it("a read-only project still shows what it holds, in another folder", async () => {
    await project.run(small);
    disk.remount("ro");
    const run = await project.run(small, { out: elsewhere });
    expect(run).toMatchObject({ exitCode: 0, faults: [], statuses: { small: "hit" } });
    expect(existsSync(join(elsewhere, "manifest.json"))).toBe(true);
    expect((await project.plan(small)).nodes?.map(({ cached }) => cached)).toEqual([true]);
  });

  it("a read-only project cannot take a new result, and says so", async () => {
    await project.run(small);
    disk.remount("ro");
    const run = await project.run(large, { out: elsewhere });
    expect(run).toMatchObject({ exitCode: 3, statuses: { small: "hit", large: "failed" } });
    expect(run.manifest?.nodes[1]?.fault).toMatchObject({
      code: "KDP8004",
      message: "the folder cannot be written (EROFS)",
    });
    const inside = await project.run(small);
    expect(inside).toMatchObject({ exitCode: 3, manifest: null, faults: [{ code: "KDP8004" }] });
    const collect = createRuntime().cache(project.folder, (cache) => cache.collect({ maxBytes: 0 }));
    await expect(collect).rejects.toSatisfy((error: RuntimeFault) => error.data.code === "KDP8004");
  });
});
