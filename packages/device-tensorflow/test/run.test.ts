import { readFileSync } from "node:fs";
import type { RunManifest } from "@kdp/runtime";
import { afterAll, describe, expect, it } from "vitest";
import { interactionsTsv, smallPipeline } from "../../cli/test/fixtures/interactions.js";
import { type Outcome, project } from "../../cli/test/kdp.js";
import { installedFolder, reasonToSkip } from "./installation.js";

const reason = reasonToSkip();

/** Runs differ by the rounding of each step; after the trainings of this pipeline their metrics differ by less. */
const TOLERANCE = 0.02;

describe.skipIf(reason !== null)(`kdp on libtensorflow${reason === null ? "" : ` (${reason})`}`, () => {
  const there = project({ "data.tsv": interactionsTsv(), "small.kdp": smallPipeline() });
  afterAll(there.dispose);
  const env = reason === null ? { KDP_TENSORFLOW: installedFolder() } : {};
  const run = (device: string): Promise<Outcome> =>
    there.kdp(["run", "small.kdp", "--device", device, "--out", device], { env });
  const manifestOf = (device: string): RunManifest =>
    JSON.parse(readFileSync(there.path(device, "manifest.json"), "utf8"));

  it("kdp doctor says what it computes with", async () => {
    const { stdout } = await there.kdp(["doctor"], { env });
    expect(stdout).toMatch(/device tensorflow +libtensorflow 2\.\d+/);
  });

  it("kdp run --device tensorflow trains there, under keys of its own, and ends where the CPU does", async () => {
    const [onCpu, first] = [await run("cpu"), await run("tensorflow")];
    expect(onCpu.code, onCpu.stderr).toBe(0);
    expect(first.code, first.stderr).toBe(0);
    const [cpu, tensorflow] = [manifestOf("cpu"), manifestOf("tensorflow")];
    expect(tensorflow.environment).toMatchObject({
      device: "tensorflow",
      deviceFound: expect.stringMatching(/^libtensorflow/),
      deviceWhy: "asked for",
    });
    const trained = tensorflow.nodes.filter(({ device }) => device === "tensorflow");
    expect(trained.map(({ id }) => id).sort()).toEqual([
      "kd[seed=0]",
      "kd[seed=1]",
      "plain[seed=0]",
      "plain[seed=1]",
      "teacher",
    ]);
    for (const { id, status, key } of trained) {
      expect(status).toBe("ran");
      expect(key).not.toBe(cpu.nodes.find((node) => node.id === id)?.key);
    }
    expect(tensorflow.metrics.length).toBe(cpu.metrics.length);
    expect(tensorflow.metrics.length).toBeGreaterThan(0);
    tensorflow.metrics.forEach((row, i) => {
      const same = cpu.metrics[i];
      expect([row.metric, row.cutoff]).toEqual([same?.metric, same?.cutoff]);
      expect(Math.abs(row.value - (same?.value ?? 0)), `${row.metric}@${row.cutoff}`).toBeLessThan(TOLERANCE);
    });
  });

  it("a second run finds everything stored", async () => {
    const again = await run("tensorflow");
    expect(again.code, again.stderr).toBe(0);
    expect(new Set(manifestOf("tensorflow").nodes.map(({ status }) => status))).toEqual(new Set(["hit"]));
  });
});
