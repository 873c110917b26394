import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { type ChartSpec, type Drawings, drawingKey } from "./spec.js";

/** Raise it when the same data should be drawn differently. */
const DRAWING_VERSION = 4;

/**
 * The drawings of some charts, from a file when the same charts were drawn before: loading Plot takes longer than all
 * else that a fully cached run does. The file is only ever a copy; a torn or foreign one is drawn anew.
 *
 * @param folder where copies are kept, or null to draw always.
 */
export async function cachedDrawings(specs: readonly ChartSpec[], folder: string | null): Promise<Drawings> {
  if (specs.length === 0) return new Map();
  const key = createHash("sha256")
    .update(JSON.stringify([DRAWING_VERSION, specs]))
    .digest("hex");
  const file = folder === null ? null : join(folder, `${key.slice(0, 32)}.json`);
  const kept = file === null ? null : await readDrawings(file, specs);
  if (kept) return kept;
  const { drawCharts } = await import("./draw.js");
  const drawings = drawCharts(specs);
  if (file !== null) await keep(file, drawings);
  return drawings;
}

async function readDrawings(file: string, specs: readonly ChartSpec[]): Promise<Drawings | null> {
  try {
    const entries: unknown = JSON.parse(await readFile(file, "utf8"));
    if (typeof entries !== "object" || entries === null) return null;
    const drawings = new Map<string, string>();
    for (const [name, drawing] of Object.entries(entries)) {
      if (typeof drawing !== "string") return null;
      drawings.set(name, drawing);
    }
    const complete = specs.every((spec) => spec.widths.every((width) => drawings.has(drawingKey(spec.id, width))));
    return complete ? drawings : null;
  } catch {
    // Absent or unreadable: the charts are drawn from their data, nothing is lost.
    return null;
  }
}

/** Copies beyond this number go, the oldest first: a cache must not grow for ever. */
const MOST_COPIES = 40;

async function dropOldest(folder: string): Promise<void> {
  const names = await readdir(folder);
  if (names.length <= MOST_COPIES) return;
  const aged = await Promise.all(
    names.map(async (name) => ({ path: join(folder, name), age: (await stat(join(folder, name))).mtimeMs })),
  );
  const old = aged.sort((a, b) => b.age - a.age).slice(MOST_COPIES);
  await Promise.all(old.map(({ path }) => rm(path, { force: true })));
}

async function keep(file: string, drawings: Drawings): Promise<void> {
  const temporary = `${file}.${process.pid}.tmp`;
  try {
    await mkdir(dirname(file), { recursive: true });
    await writeFile(temporary, JSON.stringify(Object.fromEntries(drawings)));
    await rename(temporary, file);
    await dropOldest(dirname(file));
  } catch {
    // A full or read-only disk costs only time on the next run; the report itself reports a disk it cannot write to.
  }
}
