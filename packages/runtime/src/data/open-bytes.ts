import { createReadStream } from "node:fs";
import { open } from "node:fs/promises";
import { createGunzip } from "node:zlib";
import { dataFault } from "./data-fault.js";

/** How a file's first bytes say that it is to be read. */
export type FileFormat = "delimited" | "parquet" | "arrow-file" | "arrow-stream" | "json" | "npy" | "safetensors";

export interface OpenedFile {
  readonly format: FileFormat;
  readonly gzip: boolean;
  readonly bytes: number;
}

const HEAD_BYTES = 64;

/** Formats that are recognised only to say what to do about them. */
const REFUSED: readonly { readonly magic: string; readonly name: string; readonly fix: string }[] = [
  { magic: "504b0304", name: "a zip archive (or a spreadsheet)", fix: "unpack it, or save the sheet as CSV" },
  { magic: "28b52ffd", name: "zstd-compressed", fix: "decompress it (`zstd -d FILE`) or compress it with gzip" },
  { magic: "425a68", name: "bzip2-compressed", fix: "decompress it (`bunzip2 FILE`) or compress it with gzip" },
  { magic: "fd377a585a00", name: "xz-compressed", fix: "decompress it (`unxz FILE`) or compress it with gzip" },
  { magic: "894844460d0a1a0a", name: "an HDF5 file", fix: "export it as Parquet or CSV" },
  { magic: "4645413100", name: "a Feather version 1 file", fix: "write it as Arrow IPC (Feather version 2)" },
  { magic: "fffe", name: "UTF-16 text", fix: "save it as UTF-8" },
  { magic: "feff", name: "UTF-16 text", fix: "save it as UTF-8" },
];

/**
 * Looks at a file's first bytes; names and extensions decide nothing but between JSON and delimited text.
 * @throws RuntimeFault KDP7001 not found, KDP7002 empty, KDP7010 not a format that is read, KDP7011 cannot be opened.
 */
export async function openFile(path: string): Promise<OpenedFile> {
  const { head, bytes } = await readHead(path);
  if (bytes === 0) {
    throw dataFault("KDP7002", "the file is empty", { place: path, fix: "check how it was made; it has 0 bytes" });
  }
  const hex = head.toString("hex");
  const refused = REFUSED.find(({ magic }) => hex.startsWith(magic));
  if (refused) {
    throw dataFault("KDP7010", `the file is ${refused.name}, which is not read`, { place: path, fix: refused.fix });
  }
  return { format: formatOf(path, head, hex), gzip: hex.startsWith("1f8b"), bytes };
}

function formatOf(path: string, head: Buffer, hex: string): FileFormat {
  const text = head.toString("latin1");
  if (text.startsWith("PAR1")) return "parquet";
  if (text.startsWith("ARROW1")) return "arrow-file";
  if (hex.startsWith("ffffffff")) return "arrow-stream";
  if (hex.startsWith("934e554d5059")) return "npy";
  // safetensors: eight bytes of header length, then the header's opening brace.
  if (head.length > 8 && head.readUInt32LE(4) === 0 && text[8] === "{") return "safetensors";
  return /\.(json|jsonl|ndjson)(\.gz)?$/i.test(path) ? "json" : "delimited";
}

async function readHead(path: string): Promise<{ head: Buffer; bytes: number }> {
  const handle = await open(path, "r").catch((cause: NodeJS.ErrnoException) => {
    throw openFault(path, cause);
  });
  try {
    const stat = await handle.stat();
    if (stat.isDirectory()) {
      throw dataFault("KDP7011", "this is a folder, not a file", { place: path, fix: "name the file inside it" });
    }
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(HEAD_BYTES), 0, HEAD_BYTES, 0);
    return { head: buffer.subarray(0, bytesRead), bytes: stat.size };
  } finally {
    await handle.close();
  }
}

function openFault(path: string, cause: NodeJS.ErrnoException) {
  if (cause.code === "ENOENT" || cause.code === "ENOTDIR") {
    return dataFault("KDP7001", "there is no such file", {
      place: path,
      fix: "paths in a pipeline are relative to the pipeline's file",
      cause,
    });
  }
  const why = cause.code === "EACCES" ? "no permission to read the file" : `cannot be opened (${cause.code})`;
  return dataFault("KDP7011", why, { place: path, fix: "check the file's permissions", cause });
}

/**
 * The bytes of a file, unpacked when it is gzip'd, in pieces of about a megabyte.
 * @throws RuntimeFault KDP7003 when the gzip data end early or are corrupt.
 */
export async function* readBytes(path: string, gzip: boolean): AsyncGenerator<Buffer> {
  const source = createReadStream(path, { highWaterMark: 1 << 20 });
  if (!gzip) {
    yield* source as AsyncIterable<Buffer>;
    return;
  }
  const unpacked = createGunzip({ chunkSize: 1 << 20 });
  source.on("error", (error) => unpacked.destroy(error));
  let bytes = 0;
  try {
    for await (const chunk of source.pipe(unpacked) as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      yield chunk;
    }
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code ?? "";
    if (!code.startsWith("Z_")) throw cause;
    const why = code === "Z_BUF_ERROR" ? "the gzip data end before they should" : "the gzip data are corrupt";
    throw dataFault("KDP7003", `${why}, after ${bytes.toLocaleString("en-US")} unpacked bytes`, {
      place: path,
      fix: "copy or download the file again; `gzip -t FILE` checks it",
      cause,
    });
  } finally {
    source.destroy();
  }
}
