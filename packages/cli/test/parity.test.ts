import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { RunManifest } from "@kdp/runtime";
import { afterAll, describe, expect, it } from "vitest";
import { project } from "./kdp.js";

// Numbers that others published, repeated through the real command. The data may not be put into the project.
const root = new URL("../../../", import.meta.url);
const PIPELINE = fileURLToPath(new URL("pipelines/papers/td-parity.kdp", root));
const CURVES = fileURLToPath(new URL("../shared/golden/td-curves.json", root));
const part = (name: string): string => fileURLToPath(new URL(`../shared/data/citeulike-t-td-loo.${name}.tsv.gz`, root));

const PARTS = ["train", "valid", "test"];
const absent = [...PARTS.map(part), CURVES].filter((path) => !existsSync(path));
const title = absent.length === 0 ? "" : ` (skipped: there is no ${absent[0]})`;

/** Passes of the published epoch 60, from which on the published code repeats its own curve. */
const PASSES = 61;
/** As for single seeds in the proof of the papers; a seed's own deviation is .0025. */
const TOLERANCE = 0.01;

describe.skipIf(absent.length > 0)(`published numbers${title}`, () => {
  // A project of its own: a stored result would say nothing about today's code.
  const there = project({ "td-parity.kdp": readFileSync(PIPELINE, "utf8") });
  afterAll(there.dispose);

  it("Topology Distillation, plain student of d = 20, epoch 60: two seeds within .010 of the curve", async () => {
    const given = PARTS.flatMap((name) => ["--set", `${name}=${part(name)}`]);
    const size = ["--set", `epochs=${PASSES}`, "--set", "snapshots=2"];
    const run = await there.kdp(["run", "td-parity.kdp", "--allow-outside", ...given, ...size, "--out", "run"]);
    expect(run.code, run.stderr).toBe(0);
    const manifest: RunManifest = JSON.parse(readFileSync(there.path("run", "manifest.json"), "utf8"));
    const values = manifest.metrics
      .filter(({ metric, cutoff, epoch }) => metric === "recall" && cutoff === 50 && epoch === PASSES)
      .map(({ value }) => value);
    expect(values).toHaveLength(2);
    const { epochs, student } = JSON.parse(readFileSync(CURVES, "utf8"));
    const published: number = student["20"].plain[epochs.indexOf(PASSES - 1)];
    for (const value of values) expect(Math.abs(value - published), `${value}`).toBeLessThanOrEqual(TOLERANCE);
  }, 600_000);
});
