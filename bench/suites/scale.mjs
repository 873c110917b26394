// Whether an interaction costs the same in a small data set and in a large one: generated, then one epoch trained, in a process of
// its own for each size, so that its highest memory is that of the size.
import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { resultOf } from "../harness.mjs";
import { isWanted } from "../setup/methods.mjs";

const SIZES = [100_000, 300_000, 1_000_000, 3_000_000, 10_000_000, 20_000_000];
const CHILD = fileURLToPath(new URL("../setup/scale-child.mjs", import.meta.url));
const METHODS = { bprmf: 20, lazy: 20 };

export async function* run({ max, only, runs, quick, note }) {
  const sizes = SIZES.filter((size) => size <= max);
  if (sizes.length < SIZES.length) note(`sizes up to ${max} interactions; --max ${SIZES.at(-1)} takes them all`);
  for (const [name, dim] of Object.entries(METHODS).filter(([method]) => isWanted(only, method))) {
    for (const size of sizes) {
      const args = [CHILD, JSON.stringify({ size, dim, name, runs: runs ?? (quick ? 1 : 3) })];
      const { stdout } = await promisify(execFile)(process.execPath, args, { maxBuffer: 2 ** 24 });
      const { taken, users, items, interactions, peakBytes, baseBytes, sweepSeconds } = JSON.parse(stdout);
      const result = resultOf({ suite: "scale", name, config: {}, taken });
      yield {
        ...result,
        config: {
          interactions,
          users,
          items,
          dim,
          batch: 1024,
          microsecondsPerInteraction: (1e6 * result.cpuSeconds) / interactions,
          // Of these, dense Adam's; it is 0 where only touched rows are updated.
          microsecondsOfSweep: (1e6 * sweepSeconds) / interactions,
          microsecondsWithoutSweep: (1e6 * (result.cpuSeconds - sweepSeconds)) / interactions,
          peakBytes,
          bytesPerInteraction: (peakBytes - baseBytes) / interactions,
        },
      };
    }
  }
}
