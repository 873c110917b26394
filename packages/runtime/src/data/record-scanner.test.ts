import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Delimiter, namedDelimiter } from "./delimiter.js";
import { RecordScanner } from "./record-scanner.js";

const by = (text: string) => namedDelimiter(text) as Delimiter;

/** Records as text with the line they begin on, the input pushed in pieces of `size` bytes. */
function scan(text: string, delimiter: string, size = 1 << 20): { line: number; fields: string[] }[] {
  const records: { line: number; fields: string[] }[] = [];
  const scanner = new RecordScanner("x.csv", by(delimiter), (record) => {
    const fields = Array.from({ length: record.count }, (_, i) => record.text(i));
    records.push({ line: record.line, fields });
  });
  const bytes = Buffer.from(text, "utf8");
  for (let at = 0; at < bytes.length; at += size) scanner.push(bytes.subarray(at, at + size));
  scanner.end();
  return records;
}

const fields = (text: string, delimiter: string) => scan(text, delimiter).map((record) => record.fields);
const code = (run: () => unknown) => {
  try {
    run();
  } catch (error) {
    return (error as { data: { code: string; place: string } }).data;
  }
  throw new Error("nothing thrown");
};

describe("RecordScanner", () => {
  it("cuts lines, with or without a last line break", () => {
    expect(fields("1\t2\t3\n4\t5\t6", "\t")).toEqual([
      ["1", "2", "3"],
      ["4", "5", "6"],
    ]);
    expect(fields("1\t2\n", "\t")).toEqual([["1", "2"]]);
    expect(fields("a,,b,\n", ",")).toEqual([["a", "", "b", ""]]);
  });

  it("takes Windows line ends, a byte order mark and blanks around fields", () => {
    expect(fields("\ufeffuser, item\r\n1 ,2\r\n", ",")).toEqual([
      ["user", "item"],
      ["1", "2"],
    ]);
  });

  it("skips empty lines but counts them", () => {
    expect(scan("\n1,2\n\r\n\n3,4\n", ",")).toEqual([
      { line: 2, fields: ["1", "2"] },
      { line: 5, fields: ["3", "4"] },
    ]);
  });

  it("knows quotes: delimiters, line breaks and quotes inside", () => {
    expect(scan('"a,b","say ""hi"""\n"two\nlines",x\ny,z', ",")).toEqual([
      { line: 1, fields: ["a,b", 'say "hi"'] },
      { line: 2, fields: ["two\nlines", "x"] },
      { line: 4, fields: ["y", "z"] },
    ]);
    expect(fields('"a\tb"\tc\n', "\t")).toEqual([["a\tb", "c"]]);
    expect(fields('5" disk,x\n', ",")).toEqual([['5" disk', "x"]]);
  });

  it("separates by two characters, and by runs of spaces", () => {
    expect(fields("1::Heat: a film::5\n", "::")).toEqual([["1", "Heat: a film", "5"]]);
    expect(fields("  1   22 3  \n4 5    6\n", " ")).toEqual([
      ["1", "22", "3"],
      ["4", "5", "6"],
    ]);
  });

  it("says where a quote was opened that nothing closes, and what follows one", () => {
    expect(code(() => fields('1,2\n"3,4\n5,6\n', ","))).toMatchObject({ code: "KDP7007", place: "x.csv:2" });
    expect(code(() => fields('1,2\n"3"4,5\n', ","))).toMatchObject({ code: "KDP7007", place: "x.csv:2" });
  });

  it("gives the same records however the bytes arrive", () => {
    const cell = fc.string({ maxLength: 4, unit: fc.constantFrom("a", "ü", "🙂", ",", "\t", ":", '"', "\n", " ") });
    const quoted = (text: string) => `"${text.replaceAll('"', '""')}"`;
    fc.assert(
      fc.property(
        fc.array(fc.tuple(cell, cell), { minLength: 1, maxLength: 6 }),
        fc.constantFrom(",", "\t", "::"),
        fc.integer({ min: 1, max: 9 }),
        (rows, delimiter, size) => {
          const text = rows.map((row) => row.map(quoted).join(delimiter)).join("\n");
          expect(scan(text, delimiter, size)).toEqual(scan(text, delimiter));
          expect(fields(text, delimiter)).toEqual(rows);
        },
      ),
    );
  });

  it("has room for many columns", () => {
    const many = Array.from({ length: 100 }, (_, i) => `c${i}`);
    expect(fields(many.join(","), ",")).toEqual([many]);
  });
});
