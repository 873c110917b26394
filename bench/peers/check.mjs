// Do the peers compute what kdp computes? KDP_PEERS_PYTHON=python3 node bench/peers/check.mjs (after npm run build)
//
// kdp's own kernels give value and gradients on a small catalogue; check.py computes them anew in both forms from the same numbers.
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { rankingCases } from "./check/ranking-cases.mjs";
import { lossCases, modelCases } from "./check/training-cases.mjs";
import { createWorld } from "./check/world.mjs";

const python = process.env.KDP_PEERS_PYTHON ?? "python3";
const world = await createWorld();
const cases = [...modelCases(world), ...(await lossCases(world)), ...(await rankingCases(world))];

const folder = mkdtempSync(join(tmpdir(), "kdp-peers-"));
try {
  const file = join(folder, "cases.json");
  writeFileSync(file, JSON.stringify({ cases: cases.map(toJson) }));
  const script = fileURLToPath(new URL("check.py", import.meta.url));
  const { status, error } = spawnSync(python, [script, file], { stdio: "inherit" });
  if (error) throw error;
  process.exitCode = status ?? 1;
} finally {
  rmSync(folder, { recursive: true });
}

/** Arrays as lists of numbers: nine digits tell float32 numbers apart. */
function toJson({ name, method, numbers, arrays, value, gradients }) {
  const lists = (named) => Object.fromEntries(Object.entries(named).map(([key, array]) => [key, listOf(array)]));
  return { name, method, numbers, arrays: lists(arrays), value, gradients: lists(gradients) };
}

function listOf({ shape, values }) {
  return { shape, whole: values instanceof Int32Array, values: Array.from(values) };
}
