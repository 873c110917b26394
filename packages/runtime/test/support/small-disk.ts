import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A file system of its own in memory: small enough to fill, and it can be made read-only, even for root. */
export class SmallDisk {
  readonly folder: string;

  /** @throws Error where this user may not mount file systems */
  constructor(size: string) {
    this.folder = mkdtempSync(join(tmpdir(), "kdp-disk-"));
    try {
      execFileSync("mount", ["-t", "tmpfs", "-o", `size=${size}`, "tmpfs", this.folder], { stdio: "pipe" });
    } catch (error) {
      rmSync(this.folder, { recursive: true });
      throw error;
    }
  }

  /** `size=8m`, `ro`, `rw` */
  remount(option: string): void {
    // A worker that is about to end may still hold a file open for a moment.
    for (let attempt = 1; ; attempt++) {
      try {
        execFileSync("mount", ["-o", `remount,${option}`, this.folder], { stdio: "pipe" });
        return;
      } catch (error) {
        if (attempt === 100) throw error;
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 100);
      }
    }
  }

  /** Lazily: the disk goes when the last file on it is closed. */
  remove(): void {
    execFileSync("umount", ["--lazy", this.folder]);
    rmSync(this.folder, { recursive: true });
  }
}

/** Why this user cannot mount file systems here; null when it can. */
export function mountObstacle(): string | null {
  if (process.platform !== "linux" || process.getuid?.() !== 0)
    return "only root on Linux may mount a small file system";
  try {
    new SmallDisk("64k").remove();
    return null;
  } catch (error) {
    return `mounting is not allowed here: ${error instanceof Error ? error.message.trim() : error}`;
  }
}
