import type { ParamValue } from "@kdp/dsl";
import { BYTES, MILLISECONDS } from "./units.js";

/** A metric or a loss to four decimals (`0.8931`); huge values in scientific form; `–` when missing. */
export function formatMetric(value: number | null | undefined): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return "–";
  const size = Math.abs(value);
  if (size >= 1e6) return value.toExponential(2);
  if (size !== 0 && size < 5e-5) return value < 0 ? ">−0.0001" : "<0.0001";
  return size >= 100 ? value.toFixed(1) : value.toFixed(4);
}

/** The same with an explicit sign, for differences. A true minus keeps columns of numbers aligned. */
export function formatDelta(value: number): string {
  const text = formatMetric(Math.abs(value));
  return value < 0 ? `−${text}` : `+${text}`;
}

/** Both sides of a gate as they were compared: a rounded value could seem to contradict the verdict. */
export function formatSides({
  left,
  right,
}: {
  readonly left: number | null;
  readonly right: number | null;
}): readonly [left: string, right: string] {
  const side = (value: number | null): string => (value === null ? "missing" : String(value));
  return [side(left), side(right)];
}

/** `0.8 s`, `12 s`, `3 min 05 s`, `2 h 10 min`. */
export function formatSeconds(seconds: number): string {
  if (seconds < 0.0995) return `${Math.max(0, Math.round(seconds * 1000))} ms`;
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${String(whole % 60).padStart(2, "0")} s`;
  const minutes = Math.round(seconds / 60);
  return `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, "0")} min`;
}

const UNITS = ["B", ...Object.keys(BYTES)];

/** In steps of 1024, as the language's `4MB`. */
export function formatBytes(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 1023.5 && unit < UNITS.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return `${unit === 0 || value >= 99.5 ? Math.round(value) : value.toFixed(1)} ${UNITS[unit]}`;
}

/** Thousands apart by a thin no-break space: `1 234 567`. */
export function formatCount(value: number): string {
  return String(Math.round(value)).replace(/\B(?=(\d{3})+(?!\d))/g, "\u202f");
}

/**
 * An argument as one would write it in a `.kdp` file, without the quotes of a plain word; `off` for an optional one that is
 * not given.
 */
export function formatParam(value: ParamValue): string {
  if (value === null) return "off";
  if (typeof value === "string") return /^[^\s"]+$/.test(value) ? value : JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map((item) => formatParam(item as ParamValue)).join(", ")}]`;
  return String(value);
}

/** Units of a type, and how many of the unit of 1 a value of 1 is: a duration's value is in seconds. */
const WRITTEN_UNITS: Readonly<Record<string, { readonly units: typeof BYTES; readonly steps: number }>> = {
  duration: { units: MILLISECONDS, steps: 1000 },
  bytes: { units: BYTES, steps: 1 },
};

/** The value of a param as one would write it: seconds of a `duration` as `30m`, `bytes` as `4MB`. */
export function formatTyped(value: ParamValue, type: string): string {
  const written = WRITTEN_UNITS[type.replace("[]", "")];
  if (written && Array.isArray(value))
    return `[${value.map((item) => formatTyped(item as ParamValue, type)).join(", ")}]`;
  if (!written || typeof value !== "number") return formatParam(value);
  // Durations are whole milliseconds, which a product of their fraction of a second may miss.
  const count = Math.round(value * written.steps);
  const fitting = Object.entries(written.units).findLast(([, size]) => count % size === 0);
  return fitting ? `${count / fitting[1]}${fitting[0]}` : formatParam(value);
}

/** `[seed=0,dim=8]`, empty for the cell that no axis reaches. */
export function formatCell(cell: Readonly<Record<string, unknown>>): string {
  const parts = Object.entries(cell).map(([axis, value]) => `${axis}=${String(value)}`);
  return parts.length === 0 ? "" : `[${parts.join(",")}]`;
}

/** `1 node`, `3 nodes`. */
export function plural(count: number, noun: string, many = `${noun}s`): string {
  return `${count} ${count === 1 ? noun : many}`;
}

/** Cuts in the middle of nothing: keeps the start and says with `…` that there is more. */
export function clip(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, Math.max(1, length - 1))}…`;
}
