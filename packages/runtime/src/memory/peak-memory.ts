import { readFileSync, writeFileSync } from "node:fs";
import { setImmediate as nextTurn } from "node:timers/promises";
import { collectGarbage } from "./collect-garbage.js";

/** Resident memory of a worker that has something to give back: one that did nothing large stays below. */
const MUCH = 96 * 2 ** 20;
/** Less than this above what the last collections could not free is not looked for again. */
const LITTLE = 16 * 2 ** 20;
/** A WebAssembly memory is seen to be given back by the second to the fifth collection, one turn after each other. */
const COLLECTIONS = 5;

let kept = 0;

/**
 * Begins a new measurement of this process's highest resident memory. What earlier tasks of a warm process left behind is
 * let go first where it is much: it would count as the next one's, and be missing for the nodes beside it.
 */
export async function resetPeakMemory(): Promise<void> {
  const enough = Math.max(MUCH, kept + LITTLE);
  for (let turn = 0; turn < COLLECTIONS && process.memoryUsage.rss() > enough; turn++) {
    collectGarbage();
    await nextTurn();
  }
  kept = process.memoryUsage.rss();
  try {
    writeFileSync("/proc/self/clear_refs", "5");
  } catch {
    // Elsewhere than on Linux, and where /proc is read-only, the peak is that of the whole process: an upper bound.
  }
}

/** Highest resident memory since {@link resetPeakMemory}, in bytes; what threads share counts once. */
export function peakMemory(): number {
  try {
    const line = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync("/proc/self/status", "utf8"));
    if (line?.[1]) return Number(line[1]) * 1024;
  } catch {
    // As above.
  }
  return process.resourceUsage().maxRSS * 1024;
}
