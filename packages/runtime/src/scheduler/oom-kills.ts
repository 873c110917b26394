import { readFileSync } from "node:fs";
import { totalmem } from "node:os";

/**
 * How many processes the system has killed since it started because memory ran out, those of containers included; null where
 * it does not count them (other systems than Linux).
 */
export function oomKills(counters = "/proc/vmstat"): number | null {
  try {
    const found = /^oom_kill (\d+)$/m.exec(readFileSync(counters, "utf8"))?.[1];
    return found === undefined ? null : Number(found);
  } catch {
    // Knowing it only makes the message of a crash better.
    return null;
  }
}

/** What the processes of this machine may use together: its memory, or the limit of the container. */
export function memoryLimit(): { readonly bytes: number; readonly of: "machine" | "container" } {
  const machine = totalmem();
  // 0 or a number beyond every memory means no limit.
  const container = process.constrainedMemory();
  return container > 0 && container < machine
    ? { bytes: container, of: "container" }
    : { bytes: machine, of: "machine" };
}
