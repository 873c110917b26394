import { randomBytes } from "node:crypto";
import * as fs from "node:fs";
import { dirname } from "node:path";

/**
 * The file operations that the store writes with: a narrow seam, so that a test can fail any of them the way a full disk
 * or a read-only mount does. Synchronous, because a node's output is handed over synchronously and from a process of its own.
 */
export type StoreFs = Pick<
  typeof fs,
  | "closeSync"
  | "copyFileSync"
  | "existsSync"
  | "fstatSync"
  | "fsync"
  | "fsyncSync"
  | "linkSync"
  | "mkdirSync"
  | "openSync"
  | "readdirSync"
  | "readFileSync"
  | "readSync"
  | "renameSync"
  | "rmSync"
  | "statSync"
  | "unlinkSync"
  | "utimesSync"
  | "writeSync"
>;

export const nodeStoreFs: StoreFs = fs;

/** Bytes handed to the system in one call: below the 2 GiB at which Linux cuts reads and writes. */
const CHUNK = 1 << 30;

/**
 * Makes a folder and those above it. Node reports a read-only file system as ENOENT when it makes several at once; here
 * the error tells what is the matter.
 */
export function makeFolder(fs: StoreFs, path: string): void {
  try {
    fs.mkdirSync(path, { recursive: true });
  } catch (error) {
    let missing = path;
    while (!fs.existsSync(dirname(missing)) && dirname(missing) !== missing) missing = dirname(missing);
    fs.mkdirSync(missing);
    throw error;
  }
}

/** Writes a whole file, its parts one after the other. A power cut may undo it until {@link syncFiles}. */
export function writeParts(fs: StoreFs, path: string, ...parts: readonly Uint8Array[]): void {
  const file = fs.openSync(path, "w");
  try {
    writeAll(fs, file, parts);
  } finally {
    fs.closeSync(file);
  }
}

/**
 * Flushes written files to the disk, all at the same time: one after the other, each would wait for the disk's journal.
 * @throws also what went wrong when the system wrote them behind our back
 */
export async function syncFiles(fs: StoreFs, paths: readonly string[]): Promise<void> {
  const files: number[] = [];
  try {
    for (const path of paths) files.push(fs.openSync(path, "r+"));
    const flushed = await Promise.allSettled(files.map((file) => flush(fs, file)));
    for (const result of flushed) if (result.status === "rejected") throw result.reason;
  } finally {
    for (const file of files) fs.closeSync(file);
  }
}

const flush = (fs: StoreFs, file: number): Promise<void> =>
  new Promise((resolve, reject) => {
    fs.fsync(file, (error) => (error ? reject(error) : resolve()));
  });

/** Writes a whole file (its parts one after the other) and flushes it to the disk. */
export function writeDurably(fs: StoreFs, path: string, ...parts: readonly Uint8Array[]): void {
  const file = fs.openSync(path, "w");
  try {
    writeAll(fs, file, parts);
    fs.fsyncSync(file);
  } finally {
    fs.closeSync(file);
  }
}

function writeAll(fs: StoreFs, file: number, parts: readonly Uint8Array[]): void {
  for (const part of parts) {
    for (let at = 0; at < part.byteLength; ) {
      at += fs.writeSync(file, part, at, Math.min(CHUNK, part.byteLength - at));
    }
  }
}

/** Reads a whole file into one buffer of its own (8-byte aligned, as Arrow's zero-copy views need it). */
export function readWhole(fs: StoreFs, path: string): Uint8Array {
  const file = fs.openSync(path, "r");
  try {
    const bytes = new Uint8Array(fs.fstatSync(file).size);
    for (let at = 0; at < bytes.byteLength; ) {
      const read = fs.readSync(file, bytes, at, Math.min(CHUNK, bytes.byteLength - at), at);
      if (read === 0) return bytes.subarray(0, at);
      at += read;
    }
    return bytes;
  } finally {
    fs.closeSync(file);
  }
}

/** Makes a rename or a new entry of a folder survive a power cut. Some file systems refuse to sync folders; that is no error. */
export function syncFolder(fs: StoreFs, path: string): void {
  let folder: number;
  try {
    folder = fs.openSync(path, "r");
  } catch {
    return;
  }
  try {
    fs.fsyncSync(folder);
  } catch {
    // EINVAL on some network file systems, EPERM on Windows.
  } finally {
    fs.closeSync(folder);
  }
}

/** Replaces a file in one step: a reader sees the old or the new content, never a part. */
export function replaceFile(fs: StoreFs, path: string, ...parts: readonly Uint8Array[]): void {
  const temporary = `${path}.${randomBytes(6).toString("hex")}.tmp`;
  try {
    writeDurably(fs, temporary, ...parts);
    fs.renameSync(temporary, path);
  } catch (error) {
    fs.rmSync(temporary, { force: true });
    throw error;
  }
}
