import { join } from "node:path";
import { type Table, tableFromIPC } from "apache-arrow";
import { RuntimeFault } from "../faults.js";
import { sha256 } from "../keys/sha256.js";
import type { ArtefactMeta, ArtefactReader } from "./artefact.js";
import { readWhole, type StoreFs } from "./store-fs.js";

/**
 * Opens a published artefact. A table is read, checked against its digest, and viewed in place. While anybody holds a column
 * of it, it is not read again; held by nobody (events that were grouped by user, say), its memory is free for what comes next.
 */
export function openArtefact(meta: ArtefactMeta, folder: string, fs: StoreFs): ArtefactReader {
  const open = new Map<string, WeakRef<ArrayBufferLike>>();
  const has = (name: string) => meta.tables.some((table) => table.name === name);
  const table = (name: string, how?: "once"): Table => {
    const known = open.get(name)?.deref();
    if (known) return tableFromIPC(new Uint8Array(known));
    const bytes = readBytes(meta, folder, fs, name);
    // A WeakRef keeps what it names for the rest of the turn, and a table that is read once is to go before.
    if (how !== "once") open.set(name, new WeakRef(bytes.buffer));
    return tableFromIPC(bytes);
  };
  return { meta, folder, has, table };
}

function readBytes(meta: ArtefactMeta, folder: string, fs: StoreFs, name: string): Uint8Array {
  const entry = meta.tables.find((table) => table.name === name);
  if (!entry) {
    throw new RuntimeFault({
      code: "KDP8009",
      kind: "run",
      message: `the result of "${meta.node}" (${meta.stage}) has no table "${name}"`,
      place: folder,
      fix: `it has: ${meta.tables.map((table) => table.name).join(", ") || "no table"}`,
    });
  }
  const path = join(folder, entry.file);
  let bytes: Uint8Array;
  try {
    bytes = readWhole(fs, path);
  } catch (error) {
    throw damaged(meta, path, error instanceof Error ? error.message : String(error));
  }
  if (sha256(bytes) !== entry.sha256) throw damaged(meta, path, "its digest differs from the one in artefact.json");
  return bytes;
}

function damaged(meta: ArtefactMeta, path: string, why: string): RuntimeFault {
  return new RuntimeFault({
    code: "KDP8008",
    kind: "run",
    message: `the stored result of "${meta.node}" is damaged: ${why}`,
    place: path,
    fix: "run the same command again: a damaged result counts as missing and is computed anew",
  });
}
