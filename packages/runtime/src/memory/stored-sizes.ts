import type { ArtefactMeta } from "../store/artefact.js";
import { type DataSizes, PAIR } from "./stage-memory.js";

export interface StoredSizes {
  readonly sizes: DataSizes;
  /** Bytes of a stored interaction. */
  readonly row: number;
}

/** Parts whose rows are what a model learns from, or all that there is. */
const EVENTS = ["train", "interactions"];

/** Sizes of the universe that an artefact carries. */
export function storedSizes(meta: ArtefactMeta | undefined): StoredSizes | null {
  const rows = (name: string) => meta?.tables.find((table) => table.name === name)?.rows;
  const [users, items] = [rows("user-ids"), rows("item-ids")];
  const events = meta?.tables.find(({ name }) => EVENTS.includes(name));
  if (users === undefined || items === undefined || !events) return null;
  const row = events.rows === 0 ? PAIR : Math.round(events.bytes / events.rows);
  return { sizes: { users, items, interactions: events.rows }, row };
}

/** Tables of an artefact that a reader of the model, crowd or ranking takes: not its events, ids, curves. */
export const tableBytes = (meta: ArtefactMeta): number =>
  meta.tables.reduce((sum, { name, bytes }) => (/^(table|embedding)\.|ranking$/.test(name) ? sum + bytes : sum), 0);
