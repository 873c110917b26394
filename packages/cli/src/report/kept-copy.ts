import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";

export interface Copied<T> {
  /** Reads what a file holds; null when it is nothing of the kind. */
  accept(value: unknown): T | null;
  /** What to write: anything that JSON can hold. */
  plain(made: T): unknown;
  make(): Promise<T>;
}

/**
 * Something that takes long to make, from a file when it was made of the same parts before. The file is only ever a copy; a
 * torn or foreign one is made anew.
 * @param folder where copies are kept, or null to make it always
 * @param parts all that decides what is made, a version of the code included: anything that JSON can hold
 */
export async function keptCopy<T>(
  folder: string | null,
  parts: unknown,
  { accept, plain, make }: Copied<T>,
): Promise<T> {
  const key = createHash("sha256").update(JSON.stringify(parts)).digest("hex");
  const file = folder === null ? null : join(folder, `${key.slice(0, 32)}.json`);
  const kept = file === null ? null : await read(file, accept);
  if (kept !== null) return kept;
  const made = await make();
  if (file !== null) await keep(file, JSON.stringify(plain(made)));
  return made;
}

async function read<T>(file: string, accept: (value: unknown) => T | null): Promise<T | null> {
  try {
    return accept(JSON.parse(await readFile(file, "utf8")));
  } catch {
    // Absent or unreadable: it is made anew, nothing is lost.
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

async function keep(file: string, text: string): Promise<void> {
  const temporary = `${file}.${process.pid}.tmp`;
  try {
    await mkdir(dirname(file), { recursive: true });
    await writeFile(temporary, text);
    await rename(temporary, file);
    await dropOldest(dirname(file));
  } catch {
    // A full or read-only disk costs only time on the next run; the report itself reports a disk it cannot write to.
  }
}
