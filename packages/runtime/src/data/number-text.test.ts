import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { numberOfText, parseNumber, parseTimestamp } from "./number-text.js";

const number = (text: string) => parseNumber(Buffer.from(text), 0, Buffer.byteLength(text));
const timestamp = (text: string) => parseTimestamp(Buffer.from(text), 0, Buffer.byteLength(text));

describe("parseNumber", () => {
  it("reads decimals as JavaScript does", () => {
    fc.assert(
      fc.property(fc.integer({ min: -(10 ** 9), max: 10 ** 9 }), fc.integer({ min: 0, max: 6 }), (n, decimals) => {
        const text = (n / 1000).toFixed(decimals);
        expect(number(text)).toBe(Number(text) === 0 && text.startsWith("-") ? -0 : Number(text));
      }),
    );
    expect(number("12345678901234567890")).toBe(Number("12345678901234567890"));
    expect(number("1e3")).toBe(1000);
    expect(number("+.5")).toBe(0.5);
    expect(number("5.")).toBe(5);
  });

  it("tells NaN and infinity from what is no number", () => {
    for (const text of ["nan", "NaN", "NAN"]) expect(number(text)).toBeNaN();
    expect(number("inf")).toBe(Infinity);
    expect(number("-Infinity")).toBe(-Infinity);
    for (const text of ["", "-", ".", "abc", "1.2.3", "0x10", "1 2", "1,5", "NA"]) expect(number(text)).toBeNull();
    expect(numberOfText(" 7 ")).toBe(7);
  });
});

describe("parseTimestamp", () => {
  it("keeps integers exactly", () => {
    expect(timestamp("1112486027")).toBe(1112486027n);
    expect(timestamp("-2")).toBe(-2n);
    expect(timestamp("1700000000123456789")).toBe(1700000000123456789n);
  });

  it("rounds decimals down and reads dates as UTC", () => {
    expect(timestamp("12.9")).toBe(12n);
    expect(timestamp("2020-01-01")).toBe(1577836800n);
    expect(timestamp("2020-01-01 00:00:10")).toBe(1577836810n);
    expect(timestamp("2020-01-01T02:00:00+02:00")).toBe(1577836800n);
    expect(timestamp("2020-01-01T00:00:00.5Z")).toBe(1577836800n);
  });

  it("refuses what is neither", () => {
    for (const text of ["", "nan", "yesterday", "01/02/2020", "9999999999999999999"])
      expect(timestamp(text)).toBeNull();
  });
});
