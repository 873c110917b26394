import { isUtf8 } from "node:buffer";

const FIRST_SLOTS = 1 << 12;
const FNV_OFFSET = 0x811c9dc5 | 0;
const FNV_PRIME = 0x01000193;
/** Whole numbers of up to so many digits are looked up by value instead of by hash. */
const DIRECT_DIGITS = 7;
const ZERO = 48;

/** Bytes of ids one after the other: id `r` is `bytes[offsets[r] .. offsets[r + 1])`. */
export interface PackedIds {
  readonly bytes: Uint8Array;
  readonly offsets: Int32Array;
}

/**
 * Gives each distinct byte string a row, in the order of first appearance. Ids stay UTF-8 bytes from the file to the Arrow
 * table, so that twenty million rows make no twenty million strings.
 */
export class ByteVocabulary {
  #bytes = new Uint8Array(1 << 16);
  #offsets = new Int32Array(1 << 10);
  /** Open addressing with linear probing; a slot is row + 1 (0 when empty) and the hash beside it. */
  #slots = new Int32Array(2 * FIRST_SLOTS);
  #hashed = 0;
  /** Row + 1 of the id that spells the index. */
  #direct = new Int32Array(1 << 10);
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** Row of the id; it is added when it is new. Returns -1, adding nothing, when a new id is not valid UTF-8. */
  intern(source: Uint8Array, start: number, end: number): number {
    const number = smallInteger(source, start, end);
    if (number !== -1) return this.#internInteger(number, source, start, end);
    let hash = FNV_OFFSET;
    let high = 0;
    for (let i = start; i < end; i++) {
      const byte = source[i] as number;
      high |= byte;
      hash = Math.imul(hash ^ byte, FNV_PRIME);
    }
    hash ^= hash >>> 15;
    const slots = this.#slots;
    const mask = slots.length - 2;
    let slot = (hash << 1) & mask;
    for (;;) {
      const row = (slots[slot] as number) - 1;
      if (row === -1) break;
      if (slots[slot + 1] === hash && this.#equals(row, source, start, end)) return row;
      slot = (slot + 2) & mask;
    }
    if (high > 127 && !isUtf8(source.subarray(start, end))) return -1;
    const row = this.#append(source, start, end);
    slots[slot] = row + 1;
    slots[slot + 1] = hash;
    if (++this.#hashed * 4 > slots.length) this.#rehash();
    return row;
  }

  internText(text: string): number {
    const bytes = Buffer.from(text, "utf8");
    return this.intern(bytes, 0, bytes.length);
  }

  /** The id as text. */
  text(row: number): string {
    const from = this.#offsets[row] as number;
    return Buffer.from(this.#bytes.buffer, from, (this.#offsets[row + 1] as number) - from).toString("utf8");
  }

  /** All ids by row. */
  texts(): string[] {
    return Array.from({ length: this.#size }, (_, row) => this.text(row));
  }

  /** The ids of the listed rows, in that order; all of them when none are listed. */
  packed(rows?: Int32Array): PackedIds {
    const end = this.#offsets[this.#size] as number;
    if (!rows) return { bytes: this.#bytes.slice(0, end), offsets: this.#offsets.slice(0, this.#size + 1) };
    const offsets = new Int32Array(rows.length + 1);
    rows.forEach((row, i) => {
      const length = (this.#offsets[row + 1] as number) - (this.#offsets[row] as number);
      offsets[i + 1] = (offsets[i] as number) + length;
    });
    const bytes = new Uint8Array(offsets[rows.length] as number);
    rows.forEach((row, i) => {
      bytes.set(this.#bytes.subarray(this.#offsets[row] as number, this.#offsets[row + 1] as number), offsets[i]);
    });
    return { bytes, offsets };
  }

  #equals(row: number, source: Uint8Array, start: number, end: number): boolean {
    const from = this.#offsets[row] as number;
    const length = end - start;
    if ((this.#offsets[row + 1] as number) - from !== length) return false;
    for (let i = 0; i < length; i++) if (this.#bytes[from + i] !== source[start + i]) return false;
    return true;
  }

  #internInteger(number: number, source: Uint8Array, start: number, end: number): number {
    if (number >= this.#direct.length) this.#direct = grown(this.#direct, number + 1, Int32Array);
    const known = (this.#direct[number] as number) - 1;
    if (known !== -1) return known;
    const row = this.#append(source, start, end);
    this.#direct[number] = row + 1;
    return row;
  }

  #append(source: Uint8Array, start: number, end: number): number {
    const row = this.#size;
    const from = this.#offsets[row] as number;
    const to = from + end - start;
    if (to > this.#bytes.length) this.#bytes = grown(this.#bytes, to, Uint8Array);
    if (row + 2 > this.#offsets.length) this.#offsets = grown(this.#offsets, row + 2, Int32Array);
    this.#bytes.set(source.subarray(start, end), from);
    this.#offsets[row + 1] = to;
    this.#size = row + 1;
    return row;
  }

  #rehash(): void {
    const slots = new Int32Array(this.#slots.length * 4);
    const mask = slots.length - 2;
    for (let from = 0; from < this.#slots.length; from += 2) {
      if (this.#slots[from] === 0) continue;
      const hash = this.#slots[from + 1] as number;
      let slot = (hash << 1) & mask;
      while (slots[slot] !== 0) slot = (slot + 2) & mask;
      slots[slot] = this.#slots[from] as number;
      slots[slot + 1] = hash;
    }
    this.#slots = slots;
  }
}

/** The number that the bytes spell in its shortest form (no sign, no leading zero), if it is small; else -1. */
function smallInteger(source: Uint8Array, start: number, end: number): number {
  const length = end - start;
  if (length === 0 || length > DIRECT_DIGITS || (length > 1 && source[start] === ZERO)) return -1;
  let value = 0;
  for (let i = start; i < end; i++) {
    const digit = (source[i] as number) - ZERO;
    if (digit < 0 || digit > 9) return -1;
    value = value * 10 + digit;
  }
  return value;
}

/** A copy at least twice as long. */
export function grown<A extends Uint8Array | Int32Array | Float32Array>(
  values: A,
  atLeast: number,
  kind: { new (length: number): A },
): A {
  const out = new kind(Math.max(atLeast, values.length * 2));
  out.set(values);
  return out;
}
