import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import type { RunManifest } from "@kdp/runtime";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { interactionsTsv, smallPipeline } from "./fixtures/interactions.js";
import { isRoot, type Project, project, readOnly } from "./kdp.js";

vi.setConfig({ testTimeout: 180_000, hookTimeout: 180_000 });

// Long enough to be stopped in the middle, wherever this runs.
const pipeline = smallPipeline({ seeds: "[0]" }).replaceAll(/epochs: \d+/g, "epochs: 600");
const projects: Project[] = [];
const fresh = (): Project => {
  const made = project({ "data.tsv": interactionsTsv(), "small.kdp": pipeline });
  projects.push(made);
  return made;
};
afterAll(() => {
  for (const made of projects) made.dispose();
});

const manifestIn = (there: Project): RunManifest =>
  JSON.parse(readFileSync(there.path(".kdp/runs/small/latest/manifest.json"), "utf8"));

/** Metrics, and the digests of what was trained: equal only if every bit of the weights is. */
function resultsOf(there: Project): unknown {
  const manifest = manifestIn(there);
  const artefacts = manifest.nodes.map((node) => {
    const folder = `.kdp/store/${node.key?.slice(0, 2)}/${node.key}`;
    const { tables } = JSON.parse(readFileSync(there.path(folder, "artefact.json"), "utf8"));
    return [node.id, tables.map((table: { name: string; sha256: string }) => [table.name, table.sha256])];
  });
  return { metrics: manifest.metrics, artefacts };
}

const KD_HALFWAY = /^epoch +kd\[seed=0\] (1\d\d|[2-5]\d\d)\/600/m;

describe("a run that is stopped", () => {
  let reference: unknown;
  beforeAll(async () => {
    const undisturbed = fresh();
    const { code, stderr } = await undisturbed.kdp(["run", "small.kdp", "--jobs", "1"]);
    expect(code, stderr).toBe(0);
    reference = resultsOf(undisturbed);
  });

  it.each([
    ["SIGINT", 130],
    ["SIGTERM", 143],
  ] as const)("by %s says what is kept, ends with %i, and goes on from its checkpoint", async (signal, exitCode) => {
    const there = fresh();
    let sent = false;
    const stopped = await there.kdp(["run", "small.kdp"], {
      onStderr: (text, kill) => {
        if (sent || !KD_HALFWAY.test(text)) return;
        sent = true;
        kill(signal);
      },
    });
    expect(sent, stopped.stderr).toBe(true);
    expect(stopped.code, stopped.stderr).toBe(exitCode);
    expect(stopped.stdout).toContain("Interrupted");
    expect(stopped.stdout).toContain("to go on: kdp run small.kdp");
    expect(manifestIn(there).exitCode).toBe(exitCode);
    const resumed = await there.kdp(["run", "small.kdp"]);
    expect(resumed.code, resumed.stderr).toBe(0);
    expect(resumed.stderr).toMatch(/^cached +ratings$/m);
    expect(resumed.stderr).toMatch(/^resumed kd\[seed=0\] after epoch \d+$/m);
    expect(resultsOf(there)).toEqual(reference);
  });

  it("by kill -9 of its workers is a failed run; the same command then gives the same bits", async () => {
    const there = fresh();
    let killed = false;
    const failed = await there.kdp(["run", "small.kdp", "--jobs", "1"], {
      onStderr: (text, _kill, pid) => {
        if (killed || !KD_HALFWAY.test(text)) return;
        killed = true;
        for (const worker of childrenOf(pid)) process.kill(worker, "SIGKILL");
      },
    });
    expect(killed, failed.stderr).toBe(true);
    expect(failed.code, failed.stdout).toBe(3);
    expect(failed.stdout).toContain("error[KDP8018]");
    expect(failed.stdout).toContain("to go on: kdp run small.kdp --jobs 1");
    expect((await there.kdp(["run", "small.kdp"])).code).toBe(0);
    expect(resultsOf(there)).toEqual(reference);
  });

  it("by kill -9 of everything leaves a store that the next run uses", async () => {
    const there = fresh();
    let killed = false;
    const gone = await there.kdp(["run", "small.kdp"], {
      onStderr: (text, kill, pid) => {
        if (killed || !KD_HALFWAY.test(text)) return;
        killed = true;
        const workers = childrenOf(pid);
        kill("SIGKILL");
        for (const worker of workers) process.kill(worker, "SIGKILL");
      },
    });
    expect(gone).toMatchObject({ code: null, signal: "SIGKILL", stdout: "" });
    const { code, stderr } = await there.kdp(["run", "small.kdp"]);
    expect(code, stderr).toBe(0);
    expect(stderr).toMatch(/^cached +teacher$/m);
    expect(resultsOf(there)).toEqual(reference);
  });
});

/** Processes that a process has started. */
function childrenOf(pid: number): readonly number[] {
  const { stdout } = spawnSync("ps", ["-o", "pid=", "--ppid", String(pid)], { encoding: "utf8" });
  return stdout
    .split("\n")
    .map(Number)
    .filter((child) => child > 0);
}

describe("two runs at once", () => {
  it("of the same pipeline compute every node once and agree", async () => {
    const there = project({ "data.tsv": interactionsTsv(), "small.kdp": smallPipeline() });
    projects.push(there);
    const both = await Promise.all(
      [1, 2].map((run) => there.kdp(["run", "small.kdp", "--json", "--out", `out${run}`])),
    );
    const manifests = both.map(({ code, stdout, stderr }): RunManifest => {
      expect(code, stderr).toBe(0);
      return JSON.parse(stdout);
    });
    const [first, second] = manifests;
    expect(first?.metrics).toEqual(second?.metrics);
    const computed = manifests.flatMap((manifest) =>
      manifest.nodes.filter(({ status }) => status === "ran").map(({ id }) => id),
    );
    expect(computed.sort()).toEqual(first?.nodes.map(({ id }) => id).sort());
  });
});

describe("a disk that refuses", () => {
  it("read-only: the run fails with what to do", async () => {
    const there = fresh();
    readOnly(there, true);
    const { code, stdout, stderr } = await there.kdp(["run", "small.kdp"], { unprivileged: true });
    readOnly(there, false);
    expect(code, stdout + stderr).toBe(3);
    expect(stdout + stderr).toContain("error[KDP8004]");
    expect(stdout + stderr).toContain("= fix: ");
  });

  const mounted = project();
  const canMount =
    isRoot && spawnSync("mount", ["-t", "tmpfs", "-o", "size=200k", "tmpfs", mounted.folder]).status === 0;
  afterAll(() => {
    if (canMount) spawnSync("umount", [mounted.folder]);
    mounted.dispose();
  });

  it.skipIf(!canMount)("full: the run fails with what to do, and goes on once there is room", async () => {
    mounted.write("package.json", "{}");
    mounted.write("data.tsv", interactionsTsv());
    mounted.write("small.kdp", smallPipeline({ seeds: "[0]" }));
    const { code, stdout, stderr } = await mounted.kdp(["run", "small.kdp"]);
    expect(code, stdout + stderr).toBe(3);
    expect(stdout + stderr).toContain("error[KDP8003]");
    expect(stdout + stderr).toMatch(/= fix: .*kdp cache gc/);
    spawnSync("mount", ["-o", "remount,size=20m", mounted.folder]);
    const again = await mounted.kdp(["run", "small.kdp"]);
    expect(again.code, again.stderr).toBe(0);
    expect(again.stderr).toMatch(/^cached /m);
  });
});
