import { execFileSync } from "node:child_process";
import { cpSync } from "node:fs";
import { join } from "node:path";
import type { PlanGate } from "@kdp/dsl";
import { describe, expect, it } from "vitest";
import { type PlanSpec, TestProject } from "./support/harness.js";

const SPAN = { file: "", start: 0, end: 0 };
const score = { kind: "metric", node: "m", key: "score" } as const;

const NOT_WORSE: PlanGate = {
  text: "m.score >= baseline(m.score)",
  op: ">=",
  onFailure: "fail",
  message: "no regression",
  span: SPAN,
  instances: [{ cell: {}, left: score, right: { kind: "baseline", operand: score, text: "baseline(m.score)" } }],
};

const scoring = (value: number): PlanSpec => ({
  nodes: [{ id: "m", params: { value }, metrics: true }],
  gates: [NOT_WORSE],
});
const gateOf = (run: Awaited<ReturnType<TestProject["run"]>>) => run.manifest?.gates[0];

/** A project in a repository, with everything committed but `.kdp`. */
function repository(): TestProject {
  const project = new TestProject();
  project.write(".gitignore", ".kdp/\nplan-*\n");
  git(project, "init", "-q", "-b", "main");
  commit(project);
  return project;
}

const git = (project: TestProject, ...args: string[]) =>
  execFileSync("git", ["-c", "user.name=t", "-c", "user.email=t@example.org", ...args], {
    cwd: project.folder,
    encoding: "utf8",
  });

function commit(project: TestProject): void {
  git(project, "add", ".");
  git(project, "commit", "-q", "--allow-empty", "-m", "state");
}

describe("a baseline", () => {
  it("is the manifest or the folder of a run", async () => {
    const project = new TestProject();
    const { folder } = await project.run(scoring(5));
    cpSync(folder ?? "", join(project.folder, "kept"), { recursive: true });
    for (const baseline of ["kept", "kept/manifest.json", join(project.folder, ".kdp/runs/sums/latest")]) {
      const worse = await project.run(scoring(4), { baseline });
      expect(worse.exitCode, baseline).toBe(1);
      expect(gateOf(worse)).toMatchObject({ status: "failed", cells: [{ left: 4, right: 5 }] });
      await project.run(scoring(5));
    }
    expect(gateOf(await project.run(scoring(6), { baseline: "kept" }))?.status).toBe("passed");
  });

  it("that was not given lets the gate pass with a notice, unless it is required", async () => {
    const project = new TestProject();
    const run = await project.run(scoring(5));
    expect(run).toMatchObject({ exitCode: 0 });
    expect(gateOf(run)?.status).toBe("no-baseline");
    expect(await project.run(scoring(5), { requireBaseline: true })).toMatchObject({ exitCode: 1 });
  });

  it("of a git ref is the run of that commit", async () => {
    const project = repository();
    await project.run(scoring(5));
    project.write("note.txt", "changed");
    commit(project);
    await project.run(scoring(3));
    const run = await project.run(scoring(4), { baseline: "HEAD~1" });
    expect(gateOf(run)).toMatchObject({ status: "failed", cells: [{ left: 4, right: 5 }] });
    expect(gateOf(await project.run(scoring(4), { baseline: "main" }))?.status).toBe("passed");
    expect(run.manifest?.environment.commit).toEqual({ id: git(project, "rev-parse", "HEAD").trim(), changed: false });
  });

  it("of a git ref is not a run of changed files, but may be committed beside the pipeline", async () => {
    const project = repository();
    project.write("test.kdp", "// changed since the commit\n");
    const { folder, manifest } = await project.run(scoring(9));
    expect(manifest?.environment.commit?.changed).toBe(true);
    expect(gateOf(await project.run(scoring(4), { baseline: "HEAD" }))?.status).toBe("no-baseline");
    cpSync(join(folder ?? "", "manifest.json"), join(project.folder, "test.baseline.json"));
    commit(project);
    expect(gateOf(await project.run(scoring(4), { baseline: "HEAD" }))).toMatchObject({
      cells: [{ left: 4, right: 9 }],
    });
  });

  it.each([
    ["no-such-thing", "it is neither a file nor a git ref"],
    ["torn.json", "it is not JSON"],
    ["other.json", "it is not the manifest of a run"],
    [".kdp", "ENOENT"],
  ])("%s is refused before anything runs", async (baseline, why) => {
    const project = repository();
    project.write("torn.json", "{");
    project.write("other.json", "{}");
    await project.plan(scoring(1));
    const run = await project.run(scoring(1), { baseline });
    expect(run).toMatchObject({ exitCode: 2, manifest: null, faults: [{ code: "KDP5510", kind: "user" }] });
    expect(run.faults[0]?.message).toContain(why);
    expect(run.events).toEqual([]);
  });

  it("of another pipeline is refused", async () => {
    const project = new TestProject();
    const { folder } = await project.run({ ...scoring(5), pipeline: "other" });
    const run = await project.run(scoring(5), { baseline: folder ?? "" });
    expect(run.faults).toMatchObject([
      { code: "KDP5510", message: expect.stringContaining('a run of "other", not of "sums"') },
    ]);
  });
});
