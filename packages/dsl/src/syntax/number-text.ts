import type { BytesLiteral, DurationLiteral } from "./ast.js";

// Maps, not objects: a unit is any word of the text, and `constructor` is none.
const SECONDS = mapOf({ ms: 1e-3, s: 1, m: 60, h: 3600, d: 86_400 });

const BYTES = mapOf({ KB: 2 ** 10, MB: 2 ** 20, GB: 2 ** 30, TB: 2 ** 40 });

/** Units as people write them elsewhere, lower case, and what they are called here. */
const DURATION_WORDS = mapOf({
  ...{ msec: "ms", msecs: "ms", millis: "ms", millisecond: "ms", milliseconds: "ms" },
  ...{ sec: "s", secs: "s", second: "s", seconds: "s" },
  ...{ min: "m", mins: "m", minute: "m", minutes: "m" },
  ...{ hr: "h", hrs: "h", hour: "h", hours: "h" },
  ...{ day: "d", days: "d" },
  ...{ ms: "ms", s: "s", m: "m", h: "h", d: "d" },
});

const BYTES_WORDS = mapOf({
  ...{ kb: "KB", mb: "MB", gb: "GB", tb: "TB" },
  ...{ kib: "KB", mib: "MB", gib: "GB", tib: "TB" },
  ...{ g: "GB", t: "TB" },
});

function mapOf<V>(entries: Readonly<Record<string, V>>): ReadonlyMap<string, V> {
  return new Map(Object.entries(entries));
}

/** Seconds of a well-formed duration such as `30m`. */
export function secondsOf(text: string): Pick<DurationLiteral, "seconds" | "text"> {
  const [value, unit] = split(text);
  return { seconds: value * (SECONDS.get(unit) ?? Number.NaN), text };
}

/** Bytes of a well-formed size such as `16GB`; the steps are of 1024. */
export function bytesOf(text: string): Pick<BytesLiteral, "bytes" | "text"> {
  const [value, unit] = split(text);
  return { bytes: value * (BYTES.get(unit) ?? Number.NaN), text };
}

/** Whether the language has the unit, spelt like this. */
export function isUnit(unit: string): boolean {
  return SECONDS.has(unit) || BYTES.has(unit);
}

export type MendedNumber =
  | { readonly kind: "number" | "duration" | "bytes"; readonly text: string; readonly unit: string | null }
  | { readonly kind: "unknown"; readonly unit: string | null };

/** What `30min`, `1.5h`, `16gb`, `1_000` or `.5` was probably meant to be. */
export function mendNumber(text: string): MendedNumber {
  const grouped = text.replaceAll("_", "");
  if (grouped !== text && /^\d+(?:\.\d+)?(?:[eE]\d+)?$/.test(grouped))
    return { kind: "number", text: grouped, unit: null };
  if (/^\.\d+$/.test(text)) return { kind: "number", text: `0${text}`, unit: null };
  const [value, unit] = split(text);
  if (!/^[A-Za-z]+$/.test(unit)) return { kind: "unknown", unit: null };
  const duration = DURATION_WORDS.get(unit) ?? DURATION_WORDS.get(unit.toLowerCase());
  if (duration) return { kind: "duration", text: wholeDuration(value, duration), unit };
  const bytes = BYTES_WORDS.get(unit.toLowerCase());
  if (bytes) return { kind: "bytes", text: wholeBytes(value, bytes), unit };
  return { kind: "unknown", unit };
}

/** `1.5` and `h` are `90m`: a duration is a whole number of its unit. */
function wholeDuration(value: number, unit: string): string {
  const seconds = value * (SECONDS.get(unit) ?? 1);
  for (const candidate of [unit, "h", "m", "s", "ms"]) {
    const count = seconds / (SECONDS.get(candidate) ?? 1);
    if (Number.isInteger(count)) return `${count}${candidate}`;
  }
  return `${Math.round(seconds * 1000)}ms`;
}

function wholeBytes(value: number, unit: string): string {
  const bytes = value * (BYTES.get(unit) ?? 1);
  for (const candidate of [unit, "GB", "MB", "KB"]) {
    const count = bytes / (BYTES.get(candidate) ?? 1);
    if (Number.isInteger(count)) return `${count}${candidate}`;
  }
  return `${Math.max(1, Math.round(bytes / 1024))}KB`;
}

function split(text: string): [value: number, unit: string] {
  const digits = /^[\d.]*/.exec(text)?.[0] ?? "";
  return [Number(digits || "0"), text.slice(digits.length)];
}
