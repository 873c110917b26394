import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { pipeline } from "node:stream/promises";

/** Node refuses buffers of 2 GiB and more in one update. */
const CHUNK = 1 << 30;

/** Lower-case hex. */
export function sha256(data: string | Uint8Array): string {
  const hash = createHash("sha256");
  if (typeof data === "string") return hash.update(data, "utf8").digest("hex");
  for (let at = 0; at < data.byteLength; at += CHUNK) hash.update(data.subarray(at, at + CHUNK));
  return hash.digest("hex");
}

/** Digest of a file, read in pieces; lower-case hex. */
export async function sha256OfFile(path: string): Promise<string> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(path, { highWaterMark: 1 << 20 }), hash);
  return hash.digest("hex");
}
