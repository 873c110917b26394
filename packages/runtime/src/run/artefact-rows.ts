import type { Scalar } from "@kdp/plugin-api";
import type { ArtefactMeta } from "../store/artefact.js";
import type { ArtefactStore } from "../store/artefact-store.js";
import type { CurvePoint } from "./manifest.js";

type Row = Readonly<Record<string, Scalar | null>>;

/** A value of a metrics table. */
export interface MetricValue {
  readonly metric: string;
  readonly cutoff: number | null;
  readonly group: string;
  readonly value: number;
  readonly epoch: number | null;
}

/** Rows of a small table: from `artefact.json` where they stand in it, else from the Arrow file. */
async function rowsOf(meta: ArtefactMeta, table: string, store: ArtefactStore): Promise<readonly Row[]> {
  const inline = meta.rows?.[table];
  if (inline) return inline;
  if (!meta.tables.some(({ name }) => name === table)) return [];
  const { plainRows } = await import("../store/table-files.js");
  return plainRows((await store.open(meta.key)).table(table));
}

export async function metricValues(meta: ArtefactMeta, store: ArtefactStore): Promise<readonly MetricValue[]> {
  const rows = await rowsOf(meta, "metrics", store);
  return rows.map((row) => ({
    metric: String(row.metric),
    cutoff: numberOrNull(row.cutoff),
    group: row.group === null || row.group === undefined ? "all" : String(row.group),
    // JSON has no NaN; a value that is not there is not a number.
    value: typeof row.value === "number" ? row.value : Number.NaN,
    epoch: numberOrNull(row.epoch),
  }));
}

/** The long table of (epoch, key, value), with keys `loss/<term>` and `valid/<metric>`, as one point an epoch. */
export async function curvePoints(meta: ArtefactMeta, store: ArtefactStore): Promise<readonly CurvePoint[]> {
  const points = new Map<number, { losses: Record<string, number>; valid: Record<string, number> }>();
  for (const { epoch, key, value } of await rowsOf(meta, "curves", store)) {
    const point = points.get(Number(epoch)) ?? { losses: {}, valid: {} };
    points.set(Number(epoch), point);
    const [kind, name] = [String(key).split("/")[0], String(key).slice(String(key).indexOf("/") + 1)];
    const into = kind === "valid" ? point.valid : point.losses;
    into[name] = typeof value === "number" ? value : Number.NaN;
  }
  return [...points].sort(([a], [b]) => a - b).map(([epoch, point]) => ({ epoch, ...point }));
}

const numberOrNull = (value: Scalar | null | undefined): number | null => (typeof value === "number" ? value : null);
