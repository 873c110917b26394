import { readFileSync } from "node:fs";
import { freemem } from "node:os";

/** Reads a file of the system; null when it is not there. */
export type ReadSystemFile = (path: string) => string | null;

const readSystemFile: ReadSystemFile = (path) => {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return null;
  }
};

/**
 * Bytes that new processes can take: what the machine has free or could free at once, or what is left of the container's
 * limit (cgroup v2) where that is less. File caches of the container count as free: the system drops them first.
 */
export function availableMemory(read: ReadSystemFile = readSystemFile, free: number = freemem()): number {
  const limit = Number.parseInt(read("/sys/fs/cgroup/memory.max") ?? "", 10);
  const used = Number.parseInt(read("/sys/fs/cgroup/memory.current") ?? "", 10);
  // "max" when there is no limit.
  if (!Number.isFinite(limit) || !Number.isFinite(used)) return free;
  const cached = Number(/^inactive_file (\d+)$/m.exec(read("/sys/fs/cgroup/memory.stat") ?? "")?.[1] ?? 0);
  return Math.max(0, Math.min(free, limit - used + cached));
}

/** Resident memory of another process in bytes; null where the system does not tell (elsewhere than on Linux). */
export function residentMemory(pid: number, read: ReadSystemFile = readSystemFile): number | null {
  const line = /^VmRSS:\s+(\d+) kB$/m.exec(read(`/proc/${pid}/status`) ?? "");
  return line ? Number(line[1]) * 1024 : null;
}
