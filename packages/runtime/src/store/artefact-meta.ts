import { canonicalJson } from "../keys/canonical-json.js";
import { sha256 } from "../keys/sha256.js";
import type { ArtefactMeta, StoredFile } from "./artefact.js";

/** Text of `artefact.json`, with the digest of its own content. Numbers that JSON cannot hold become null. */
export function metaText(meta: ArtefactMeta): string {
  const plain = JSON.parse(JSON.stringify({ ...meta, digest: undefined })) as ArtefactMeta;
  return `${JSON.stringify({ ...plain, digest: digestOf(plain) }, null, 1)}\n`;
}

const digestOf = (meta: ArtefactMeta): string => sha256(canonicalJson({ ...meta, digest: undefined }));

/**
 * Reads `artefact.json`.
 * @returns the meta, or the reason why this is no description of the artefact `key`
 */
export function parseMeta(text: string, key: string): ArtefactMeta | string {
  let meta: ArtefactMeta;
  try {
    meta = JSON.parse(text) as ArtefactMeta;
  } catch {
    return "artefact.json is not JSON";
  }
  if (meta === null || typeof meta !== "object" || meta.kdpArtefact !== 1 || !Array.isArray(meta.tables)) {
    return "artefact.json is of another version";
  }
  if (meta.key !== key) return "artefact.json belongs to another key";
  if (meta.digest !== digestOf(meta)) return "artefact.json was changed";
  return meta;
}

/** Every file of an artefact beside `artefact.json`. */
export const filesOf = (meta: Pick<ArtefactMeta, "tables" | "files">): readonly StoredFile[] => [
  ...meta.tables,
  ...(meta.files ?? []),
];

/** Bytes of an artefact on the disk, without its description. */
export const bytesOf = (meta: Pick<ArtefactMeta, "tables" | "files">): number =>
  filesOf(meta).reduce((sum, { bytes }) => sum + bytes, 0);
