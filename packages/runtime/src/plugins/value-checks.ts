/** Looks at a value under a path; returns what is wrong, or null. */
export type Check = (path: string, value: unknown) => string | null;

export type Rec = Readonly<Record<string, unknown>>;

export const isRecord = (value: unknown): value is Rec =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** `stages.rrd.doc: expected a text, found 3` */
export function at(path: string, expected: string, value: unknown): string {
  return `${path}: expected ${expected}, found ${shown(value)}`;
}

function shown(value: unknown): string {
  if (value === undefined) return "nothing";
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 40 ? `${text.slice(0, 37)}…` : text;
}

export const nonEmptyString: Check = (path, value) =>
  typeof value === "string" && value.trim() !== "" ? null : at(path, "a text", value);
export const boolean: Check = (path, value) => (typeof value === "boolean" ? null : at(path, "true or false", value));
/** For facts that are there or not. */
export const yes: Check = (path, value) => (value === true ? null : at(path, "true", value));
export const number: Check = (path, value) =>
  typeof value === "number" && Number.isFinite(value) ? null : at(path, "a number", value);
export const positiveInteger: Check = (path, value) =>
  Number.isInteger(value) && Number(value) >= 1 ? null : at(path, "a whole number of at least 1", value);

export const oneOf =
  (...values: readonly string[]): Check =>
  (path, value) =>
    typeof value === "string" && values.includes(value) ? null : at(path, `one of ${values.join(", ")}`, value);

export const optional =
  (check: Check): Check =>
  (path, value) =>
    value === undefined ? null : check(path, value);

export const listOf =
  (check: Check): Check =>
  (path, value) =>
    Array.isArray(value) ? first(value.map((item, i) => check(`${path}[${i}]`, item))) : at(path, "a list", value);

export const recordOf =
  (check: Check): Check =>
  (path, value) =>
    isRecord(value)
      ? first(Object.entries(value).map(([key, item]) => check(`${path}.${key}`, item)))
      : at(path, "an object", value);

/** Members of an object, each by its own check. */
export function problemIn(value: Rec, members: Readonly<Record<string, Check>>, path = ""): string | null {
  return first(Object.entries(members).map(([key, check]) => check(path ? `${path}.${key}` : key, value[key])));
}

/** Refuses members that nobody reads: a misspelt fact must not pass in silence. */
export function oneOfKeys(path: string, value: Rec, keys: readonly string[]): string | null {
  const unknown = Object.keys(value).find((key) => !keys.includes(key));
  return unknown === undefined ? null : `${path}.${unknown}: not known; known are ${keys.join(", ")}`;
}

const first = (problems: readonly (string | null)[]): string | null => problems.find((text) => text !== null) ?? null;
