import { randomBytes } from "node:crypto";
import { join } from "node:path";
import type { StoreLayout } from "./layout.js";
import type { ProcessIdentity, ProcessTable } from "./process-identity.js";
import type { StoreFs } from "./store-fs.js";

/** Names its owner, so that what a killed process left behind can be told from what a live one is writing. */
export function temporaryName(key: string, owner: ProcessIdentity): string {
  return `${key.slice(0, 16)}.${owner.pid}.${owner.started}.${owner.host}.${randomBytes(4).toString("hex")}`;
}

/** Removes what processes that are gone left unfinished. Returns how many folders. Never fails. */
export function sweepTemporary(layout: StoreLayout, fs: StoreFs, processes: ProcessTable): number {
  let removed = 0;
  try {
    if (!fs.existsSync(layout.temporary)) return 0;
    for (const name of fs.readdirSync(layout.temporary)) {
      const [, pid, started, ...rest] = name.split(".");
      const host = rest.slice(0, -1).join(".");
      if (processes.isAlive({ host, pid: Number(pid), started: started ?? "" })) continue;
      fs.rmSync(join(layout.temporary, name), { recursive: true, force: true });
      removed++;
    }
  } catch {
    // A read-only store, or another process that sweeps too.
  }
  return removed;
}
