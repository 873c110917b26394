import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { UsageError } from "../failures/usage-error.js";

/** Collects `--set name=value`; a later one of the same name wins, as with every option. */
export function collectSet(
  text: string,
  previous: Readonly<Record<string, string>> | undefined,
): Readonly<Record<string, string>> {
  const at = text.indexOf("=");
  if (at < 1) throw new UsageError(`--set takes name=value, not "${text}"`, "write for example --set dim=32");
  return { ...previous, [text.slice(0, at).trim()]: text.slice(at + 1) };
}

/** Collects `--only a,b`; the comma of a cell (`kd[seed=0,dim=8]`) separates nothing. */
export function collectNames(text: string, previous: readonly string[] | undefined): readonly string[] {
  const names = text.split(/,(?![^[]*\])/).map((name) => name.trim());
  if (names.includes(""))
    throw new UsageError(`--only takes names of nodes, not "${text}"`, "write for example --only scores.kd,teacher");
  return [...(previous ?? []), ...names];
}

/** A whole number of at least 1, for the option of that name. */
export function positiveInteger(option: string): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!/^\d+$/.test(text) || !Number.isSafeInteger(value) || value < 1) {
      throw new UsageError(`${option} takes a whole number of 1 or more, not "${text}"`);
    }
    return value;
  };
}

/** The object in a `--params` file. */
export function readParams(path: string, workingFolder: string): Readonly<Record<string, unknown>> {
  const file = resolve(workingFolder, path);
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    throw new UsageError(
      `--params: "${path}" cannot be read (${error instanceof Error && "code" in error ? String(error.code) : "unknown"})`,
      'name a JSON file such as { "dim": 32 }',
    );
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new UsageError(`--params: "${path}" is not JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new UsageError(`--params: "${path}" must hold one object`, 'write for example { "dim": 32 }');
  }
  return value as Readonly<Record<string, unknown>>;
}
