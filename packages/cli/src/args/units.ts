import { UsageError } from "../failures/usage-error.js";

const DURATIONS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const SIZES: Readonly<Record<string, number>> = { KB: 1024, MB: 1024 ** 2, GB: 1024 ** 3, TB: 1024 ** 4 };

/** Milliseconds of a duration as the language writes it: `30m`, `7d`. */
export const parseDuration = (text: string): number => measure(text, DURATIONS, "a time such as 12h or 7d");

/** Bytes of a size as the language writes it: `500MB`, `10GB`. */
export const parseBytes = (text: string): number => measure(text, SIZES, "a size such as 500MB or 10GB");

function measure(text: string, units: Readonly<Record<string, number>>, expected: string): number {
  const match = /^(\d+)\s*([A-Za-z]+)$/.exec(text);
  const unit = units[match?.[2] ?? ""];
  if (match?.[1] === undefined || unit === undefined) {
    throw new UsageError(`expected ${expected}, not "${text}"`, `units are ${Object.keys(units).join(", ")}`);
  }
  return Number(match[1]) * unit;
}
