import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { pipeline } from "node:stream/promises";

/** Node refuses buffers of 2 GiB and more in one update. */
const CHUNK = 1 << 30;

/** Of the parts one after the other; lower-case hex. */
export function sha256(...parts: readonly (string | Uint8Array)[]): string {
  const hash = createHash("sha256");
  for (const part of parts) {
    if (typeof part === "string") hash.update(part, "utf8");
    else for (let at = 0; at < part.byteLength; at += CHUNK) hash.update(part.subarray(at, at + CHUNK));
  }
  return hash.digest("hex");
}

/** Digest of a file, read in pieces; lower-case hex. */
export async function sha256OfFile(path: string): Promise<string> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(path, { highWaterMark: 1 << 20 }), hash);
  return hash.digest("hex");
}
