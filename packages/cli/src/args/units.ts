import { UsageError } from "../failures/usage-error.js";
import { BYTES, MILLISECONDS } from "../text/units.js";

/** Milliseconds of a duration as the language writes it: `30m`, `7d`. */
export const parseDuration = (text: string): number => measure(text, MILLISECONDS, "a time such as 12h or 7d");

/** Bytes of a size as the language writes it: `500MB`, `10GB`. */
export const parseBytes = (text: string): number => measure(text, BYTES, "a size such as 500MB or 10GB");

function measure(text: string, units: Readonly<Record<string, number>>, expected: string): number {
  const match = /^(\d+)\s*([A-Za-z]+)$/.exec(text);
  const unit = units[match?.[2] ?? ""];
  if (match?.[1] === undefined || unit === undefined) {
    throw new UsageError(`expected ${expected}, not "${text}"`, `units are ${Object.keys(units).join(", ")}`);
  }
  return Number(match[1]) * unit;
}
