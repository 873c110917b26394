import { dirname } from "node:path";
import { makeFolder, replaceFile, type StoreFs } from "./store-fs.js";

/**
 * What a JSON file remembers that only saves work: null when it is missing, damaged or no object.
 * Nothing that a result depends on may be kept this way.
 */
export function recall(fs: StoreFs, path: string): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(fs.readFileSync(path, "utf8"));
    return value !== null && typeof value === "object" ? (value as Readonly<Record<string, unknown>>) : null;
  } catch {
    return null;
  }
}

/** Writes what {@link recall} gives back. @returns whether it could; what is not remembered is worked out again */
export function remember(fs: StoreFs, path: string, value: object): boolean {
  try {
    makeFolder(fs, dirname(path));
    replaceFile(fs, path, Buffer.from(JSON.stringify(value)));
    return true;
  } catch {
    return false;
  }
}
