import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { UsageError } from "../failures/usage-error.js";
import { parseBytes, parseDuration } from "./units.js";
import { collectNames, collectSet, positiveInteger, readParams } from "./values.js";

describe("--set", () => {
  it("collects, the last one of a name winning", () => {
    const first = collectSet("dim=8", undefined);
    expect(collectSet("path=a=b", collectSet("dim=16", first))).toEqual({ dim: "16", path: "a=b" });
  });
  it("keeps an empty value", () => {
    expect(collectSet("note=", undefined)).toEqual({ note: "" });
  });
  it.each(["dim", "=8", ""])("refuses %j and shows how", (text) => {
    expect(() => collectSet(text, undefined)).toThrow(UsageError);
  });
});

it("numbers of options are whole and positive", () => {
  const jobs = positiveInteger("--jobs");
  expect(jobs("4")).toBe(4);
  for (const text of ["0", "-1", "1.5", "1e3", "", "two", "9007199254740993"]) {
    expect(() => jobs(text)).toThrow("--jobs takes a whole number");
  }
});

describe("--params", () => {
  const folder = mkdtempSync(join(tmpdir(), "kdp-params-"));
  const written = (text: string): string => {
    writeFileSync(join(folder, "p.json"), text);
    return "p.json";
  };
  it("reads one object", () => {
    expect(readParams(written('{"dim": 8}'), folder)).toEqual({ dim: 8 });
  });
  it.each([
    ["[1]", "one object"],
    ["null", "one object"],
    ["{dim: 8}", "not JSON"],
  ])("refuses %s", (text, why) => {
    expect(() => readParams(written(text), folder)).toThrow(why);
  });
  it("says that a file is missing", () => {
    expect(() => readParams("gone.json", folder)).toThrow('"gone.json" cannot be read (ENOENT)');
  });
});

it("units are those of the language", () => {
  expect(parseDuration("30m")).toBe(1_800_000);
  expect(parseDuration("7d")).toBe(604_800_000);
  expect(parseBytes("10GB")).toBe(10 * 1024 ** 3);
  expect(() => parseDuration("30min")).toThrow("a time such as 12h");
  expect(() => parseBytes("10")).toThrow("a size such as 500MB");
});

describe("--only", () => {
  it("takes names with commas between them, repeated or not, and leaves cells whole", () => {
    expect(collectNames("scores.kd[seed=0,dim=8], teacher", undefined)).toEqual(["scores.kd[seed=0,dim=8]", "teacher"]);
    expect(collectNames("b", collectNames("a", undefined))).toEqual(["a", "b"]);
  });
  it.each(["", "a,,b", ","])("refuses %j", (text) => {
    expect(() => collectNames(text, undefined)).toThrow(UsageError);
  });
});
