import type { ByteVocabulary } from "./byte-vocabulary.js";
import { atLine, dataFault } from "./data-fault.js";

const SCRATCH_BYTES = 24;

/** Puts typed ids of a table into a vocabulary: 7, 7n and "7" are one id. */
export class IdWriter {
  readonly #ids: ByteVocabulary;
  readonly #scratch = new Uint8Array(SCRATCH_BYTES);
  readonly #file: string;
  readonly #what: string;

  constructor(ids: ByteVocabulary, file: string, what: "user" | "item") {
    this.#ids = ids;
    this.#file = file;
    this.#what = what;
  }

  /** @param row of the table, from 1, for the error KDP7007 of a null or empty id */
  row(value: unknown, row: number): number {
    if (typeof value === "number" && Number.isInteger(value) && Math.abs(value) <= Number.MAX_SAFE_INTEGER) {
      return this.#integer(value);
    }
    if (typeof value === "bigint" && BigInt.asIntN(53, value) === value) return this.#integer(Number(value));
    if (value === null || value === undefined || value === "" || (typeof value === "number" && Number.isNaN(value))) {
      throw dataFault("KDP7007", `row ${row} has no ${this.#what}`, {
        place: atLine(this.#file, row),
        fix: "remove the row, or give it an id",
      });
    }
    return this.#ids.internText(String(value));
  }

  #integer(value: number): number {
    let at = SCRATCH_BYTES;
    let rest = Math.abs(value);
    do {
      const next = Math.floor(rest / 10);
      this.#scratch[--at] = 48 + (rest - next * 10);
      rest = next;
    } while (rest > 0);
    if (value < 0) this.#scratch[--at] = 45;
    return this.#ids.intern(this.#scratch, at, SCRATCH_BYTES);
  }
}

/** @throws RuntimeFault KDP7006 when the rating of a table's row is missing or not finite. */
export function finiteRating(value: unknown, file: string, row: number): number {
  const number = typeof value === "number" ? value : value === null ? Number.NaN : Number(value);
  if (Number.isFinite(number)) return number;
  throw dataFault("KDP7006", `the rating in row ${row} is ${value === null ? "missing" : String(value)}`, {
    place: atLine(file, row),
    fix: "remove such rows; a rating must be a finite number",
  });
}

/** @throws RuntimeFault KDP7007 when the time stamp of a table's row is missing. */
export function presentTimestamp(value: unknown, file: string, row: number): bigint {
  if (typeof value === "bigint") return value;
  if (typeof value === "number" && Number.isFinite(value)) return BigInt(Math.floor(value));
  throw dataFault("KDP7007", `row ${row} has no time stamp`, {
    place: atLine(file, row),
    fix: "remove the row, or name another column (`timestamp: …`)",
  });
}
