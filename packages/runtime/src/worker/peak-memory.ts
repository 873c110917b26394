import { readFileSync, writeFileSync } from "node:fs";

/** Begins a new measurement of this process's highest resident memory, where the system allows it. */
export function resetPeakMemory(): void {
  try {
    writeFileSync("/proc/self/clear_refs", "5");
  } catch {
    // Elsewhere than on Linux the peak is that of the whole process, which is an upper bound.
  }
}

/** Highest resident memory since {@link resetPeakMemory}, in bytes. */
export function peakMemory(): number {
  try {
    const line = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync("/proc/self/status", "utf8"));
    if (line?.[1]) return Number(line[1]) * 1024;
  } catch {
    // As above.
  }
  return process.resourceUsage().maxRSS * 1024;
}
