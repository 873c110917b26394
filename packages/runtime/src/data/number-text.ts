const MINUS = 45;
const PLUS = 43;
const POINT = 46;
const ZERO = 48;
const NINE = 57;
/** Decimal digits that a float64 holds exactly, so that mantissa / power of ten is correctly rounded. */
const EXACT_DIGITS = 15;
const POWERS_OF_TEN = Float64Array.from({ length: EXACT_DIGITS + 1 }, (_, i) => 10 ** i);

/**
 * Reads a number: plain decimals straight from their bytes, all else through text. `nan` and `inf` (any case) are numbers
 * here, so that a data set that holds them is told so. Null when it is no number.
 */
export function parseNumber(bytes: Buffer, start: number, end: number): number | null {
  let i = start;
  const sign = bytes[i];
  if (sign === MINUS || sign === PLUS) i++;
  let mantissa = 0;
  let digits = 0;
  let decimals = -1;
  for (; i < end; i++) {
    const byte = bytes[i] as number;
    if (byte >= ZERO && byte <= NINE) {
      mantissa = mantissa * 10 + (byte - ZERO);
      digits++;
      if (decimals >= 0) decimals++;
    } else if (byte === POINT && decimals < 0) decimals = 0;
    else return numberOfText(bytes.toString("latin1", start, end));
  }
  if (digits === 0 || digits > EXACT_DIGITS) return numberOfText(bytes.toString("latin1", start, end));
  const value = decimals > 0 ? mantissa / (POWERS_OF_TEN[decimals] as number) : mantissa;
  return sign === MINUS ? -value : value;
}

export function numberOfText(text: string): number | null {
  const trimmed = text.trim();
  if (/^[+-]?nan$/i.test(trimmed)) return Number.NaN;
  if (/^[+-]?inf(inity)?$/i.test(trimmed)) return trimmed.startsWith("-") ? -Infinity : Infinity;
  if (!/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(trimmed)) return null;
  return Number(trimmed);
}

const DATE = /^(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:[.,]\d+)?)?)?\s*(Z|UTC|[+-]\d\d:?\d\d)?$/i;

/**
 * Reads a time stamp: an integer as it stands, a decimal rounded down, an ISO date or time as seconds since 1970
 * (UTC where it names no zone). Null when it is none of these.
 */
export function parseTimestamp(bytes: Buffer, start: number, end: number): bigint | null {
  const value = end - start <= EXACT_DIGITS ? parseNumber(bytes, start, end) : null;
  if (value !== null) return Number.isFinite(value) ? BigInt(Math.floor(value)) : null;
  return timestampOfText(bytes.toString("latin1", start, end));
}

export function timestampOfText(text: string): bigint | null {
  if (/^[+-]?\d{1,19}$/.test(text)) {
    const value = BigInt(text);
    return BigInt.asIntN(64, value) === value ? value : null;
  }
  const number = numberOfText(text);
  if (number !== null) return Number.isFinite(number) ? BigInt(Math.floor(number)) : null;
  const date = DATE.exec(text.trim());
  if (!date) return null;
  const [, year, month, day, hour = "0", minute = "0", second = "0", zone = "Z"] = date;
  const utc = Date.UTC(Number(year), Number(month) - 1, Number(day), Number(hour), Number(minute), Number(second));
  return Number.isNaN(utc) ? null : BigInt(utc / 1000 - zoneSeconds(zone));
}

function zoneSeconds(zone: string): number {
  const parts = /^([+-])(\d\d):?(\d\d)$/.exec(zone);
  if (!parts) return 0;
  return (parts[1] === "-" ? -1 : 1) * (Number(parts[2]) * 3600 + Number(parts[3]) * 60);
}
