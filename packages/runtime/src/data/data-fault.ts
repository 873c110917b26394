import type { RUNTIME_CODES } from "@kdp/dsl";
import { RuntimeFault } from "../faults.js";

type DataCode = Extract<keyof typeof RUNTIME_CODES, `KDP7${string}`>;

/** Where a fault of the data lies: a file, with a line where there is one. */
export const atLine = (file: string, line: number): string => `${file}:${line}`;

/** A fault that the user can mend in the data or in the pipeline. Numbers are listed in `@kdp/dsl` (`RUNTIME_CODES`). */
export function dataFault(
  code: DataCode,
  message: string,
  details: { readonly place: string; readonly fix: string; readonly cause?: unknown },
): RuntimeFault {
  const { place, fix, cause } = details;
  return new RuntimeFault({ code, kind: "user", message, place, fix }, cause === undefined ? undefined : { cause });
}

/** Line of the report for something counted that needs no stop. */
export const dataNote = (code: DataCode, text: string): string => `${code}: ${text}`;

/** `1 user`, `2,972 users`. */
export const counted = (n: number, one: string, many = `${one}s`): string =>
  `${n.toLocaleString("en-US")} ${n === 1 ? one : many}`;
