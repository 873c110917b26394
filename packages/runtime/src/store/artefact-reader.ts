import { join } from "node:path";
import { type Table, tableFromIPC } from "apache-arrow";
import { RuntimeFault } from "../faults.js";
import { sha256 } from "../keys/sha256.js";
import type { ArtefactMeta, ArtefactReader } from "./artefact.js";
import { readWhole, type StoreFs } from "./store-fs.js";

/** Opens a published artefact. A table is read once, checked against its digest, and viewed in place. */
export function openArtefact(meta: ArtefactMeta, folder: string, fs: StoreFs): ArtefactReader {
  const open = new Map<string, Table>();
  const has = (name: string) => meta.tables.some((table) => table.name === name);
  const table = (name: string): Table => {
    const known = open.get(name);
    if (known) return known;
    const read = readTable(meta, folder, fs, name);
    open.set(name, read);
    return read;
  };
  return { meta, folder, has, table };
}

function readTable(meta: ArtefactMeta, folder: string, fs: StoreFs, name: string): Table {
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
  return tableFromIPC(bytes);
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
