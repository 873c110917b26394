// Measuring: CPU-seconds of the whole process (its worker threads too), medians with spread, the machine and the commit.
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { availableParallelism, cpus, loadavg, totalmem } from "node:os";

/** CPU-seconds that this process has used, user and system, all threads. */
export function cpuSeconds() {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

/** CPU-seconds of ended child processes, to a hundredth; NaN where the system does not tell (elsewhere than on Linux). */
export function childCpuSeconds() {
  try {
    const stat = readFileSync("/proc/self/stat", "utf8");
    // After the name, which may hold spaces, field 3 comes first; 16 and 17 count hundredths of the children.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return (Number(fields[13]) + Number(fields[14])) / 100;
  } catch {
    return Number.NaN;
  }
}

export const wallSeconds = () => performance.now() / 1000;

/** Starts a watch; calling it gives what has passed since. */
export function stopwatch() {
  const cpu = cpuSeconds();
  const wall = wallSeconds();
  return () => ({ cpu: cpuSeconds() - cpu, wall: wallSeconds() - wall });
}

export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

export const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;

/** (largest - smallest) / centre: 0 for one run. */
export const spreadOf = (values, centre) =>
  values.length < 2 || centre === 0 ? 0 : (Math.max(...values) - Math.min(...values)) / centre;

/**
 * Runs `body` once unmeasured and then `runs` times.
 * @param options.repeat how often the body does its work in one run: seconds are of one repetition
 * @param options.cold without the unmeasured run
 */
export async function measure(body, { runs = 5, repeat = 1, cold = false } = {}) {
  if (!cold) await body();
  const taken = [];
  for (let run = 0; run < runs; run++) {
    const watch = stopwatch();
    await body();
    const { cpu, wall } = watch();
    taken.push({ cpu: cpu / repeat, wall: wall / repeat });
  }
  return taken;
}

/**
 * One row of the report.
 * @param taken `{ cpu, wall }` in seconds, run by run
 * @param centre how runs become one figure; `mean` where the runs are different epochs of one training
 */
export function resultOf({ suite, name, config, taken, floorSeconds = null, centre = median }) {
  const cpu = taken.map((run) => run.cpu);
  const figure = centre(cpu);
  return {
    suite,
    name,
    config,
    cpuSeconds: figure,
    wallSeconds: centre(taken.map((run) => run.wall)),
    floorSeconds,
    runs: taken.length,
    spread: spreadOf(cpu, figure),
  };
}

/** The machine in words, with how busy it was. */
export function machineName() {
  const model = cpus()[0]?.model.trim() ?? "unknown processor";
  const memory = Math.round(totalmem() / 2 ** 30);
  const load = loadavg()[0].toFixed(1);
  return `${model}, ${availableParallelism()} cores, ${memory} GiB, ${process.platform} ${process.arch}, Node ${process.version}, load ${load} at the start`;
}

/** The commit of the checkout, with `+changes` when tracked files differ from it. */
export function commitOf(folder) {
  const git = (...args) =>
    execFileSync("git", args, { cwd: folder, encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
  try {
    const changed = git("status", "--porcelain", "--untracked-files=no", "--", "packages").trim() !== "";
    return `${git("rev-parse", "HEAD").trim()}${changed ? "+changes" : ""}`;
  } catch {
    return "unknown";
  }
}
