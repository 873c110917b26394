// What the runtime adds to a node that computes next to nothing (splits, counts and measurements of a tiny data set), and a run that is all in the cache.

import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { createRuntime, librarySource } from "@kdp/runtime";
import { childCpuSeconds, resultOf, stopwatch } from "../harness.mjs";
import { isWanted } from "../setup/methods.mjs";

const HERE = dirname(fileURLToPath(import.meta.url));

/** Groups of a split, a model that only counts, and its measurement; they differ in a seed, so that each is computed. */
const GROUP = 3;

function pipelineOf(groups, round) {
  const lines = Array.from({ length: groups }, (_, i) => [
    `  let split${i} = data -> leave_one_out(seed: ${round * 10_000 + i})`,
    `  let counts${i} = split${i}.train -> popularity()`,
    `  let scores${i} = counts${i} -> evaluate(on: split${i}.test, metrics: [recall@5])`,
  ]);
  return ["kdp 1", "pipeline empty {", '  let data = dataset("tiny.tsv")', ...lines.flat(), "}", ""].join("\n");
}

export async function* run({ root, quick, only, runs }) {
  const groups = quick ? 4 : 15;
  const rounds = runs ?? (quick ? 2 : 3);
  const folder = mkdtempSync(join(tmpdir(), "kdp-bench-"));
  try {
    writeFileSync(join(folder, "kdp.config.json"), "{}\n");
    const rows = Array.from({ length: 60 }, (_, i) => `u${i % 12}\ti${(i * 7) % 20}`);
    writeFileSync(join(folder, "tiny.tsv"), `user\titem\n${rows.join("\n")}\n`);
    if (isWanted(only, "node")) yield await perNode(folder, groups, rounds);
    if (isWanted(only, "cached")) yield* cached(root, folder, groups, rounds);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Wall time of a run beside that of its smallest: a pipeline of one node, so that starting up is not counted. */
async function perNode(folder, groups, rounds) {
  const library = [librarySource("@kdp/plugins", HERE)];
  const file = join(folder, "empty.kdp");
  const timed = async (count, round) => {
    writeFileSync(file, pipelineOf(count, round));
    const children = childCpuSeconds();
    const watch = stopwatch();
    const { exitCode, faults, manifest } = await createRuntime().run({
      file,
      library,
      workingFolder: folder,
      jobs: 1,
    });
    const { cpu, wall } = watch();
    if (exitCode !== 0) throw new Error(`the empty pipeline failed: ${JSON.stringify(faults)}`);
    const ran = manifest.nodes.filter(({ status }) => status === "ran").length;
    return { cpu: cpu + childCpuSeconds() - children, wall, ran };
  };
  await timed(1, 0);
  const taken = [];
  let nodes = 0;
  for (let round = 1; round <= rounds; round++) {
    const small = await timed(1, 2 * round);
    const large = await timed(groups + 1, 2 * round + 1);
    nodes = large.ran - small.ran;
    if (nodes !== GROUP * groups) throw new Error(`${GROUP * groups} nodes should have run, and ${nodes} did`);
    taken.push({ cpu: (large.cpu - small.cpu) / nodes, wall: (large.wall - small.wall) / nodes });
  }
  const result = resultOf({ suite: "overhead", name: "node", config: {}, taken });
  return { ...result, config: { nodes, jobs: 1, millisecondsPerNode: 1000 * result.wallSeconds } };
}

/** `kdp run` from the shell when every node is in the cache. */
function* cached(root, folder, groups, rounds) {
  const file = join(folder, "empty.kdp");
  writeFileSync(file, pipelineOf(groups, 0));
  const kdp = join(root, "packages/cli/bin/kdp.js");
  const run = () =>
    execFileSync(process.execPath, [kdp, "run", file], { cwd: folder, stdio: ["ignore", "pipe", "pipe"] });
  run();
  const taken = [];
  for (let round = 0; round < rounds + 2; round++) {
    const cpu = childCpuSeconds();
    const watch = stopwatch();
    run();
    taken.push({ cpu: childCpuSeconds() - cpu, wall: watch().wall });
  }
  yield resultOf({ suite: "overhead", name: "cached", config: { nodes: GROUP * groups + 1 }, taken });
}
