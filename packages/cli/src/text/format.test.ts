import { describe, expect, it } from "vitest";
import {
  clip,
  formatBytes,
  formatCell,
  formatCount,
  formatDelta,
  formatMetric,
  formatParam,
  formatSeconds,
  formatSides,
  formatTyped,
  plural,
} from "./format.js";

describe("formatMetric", () => {
  it.each([
    [0.89312, "0.8931"],
    [0, "0.0000"],
    [1, "1.0000"],
    [0.00004, "<0.0001"],
    [-0.00004, ">−0.0001"],
    [123.456, "123.5"],
    [12_345_678, "1.23e+7"],
    [Number.NaN, "–"],
    [Number.POSITIVE_INFINITY, "–"],
    [null, "–"],
    [undefined, "–"],
  ])("%s reads %s", (value, text) => {
    expect(formatMetric(value)).toBe(text);
  });
});

it.each([
  [0.09953770209035591, 0.09766133487160279, ["0.09953770209035591", "0.09766133487160279"]],
  [9904, 4194304, ["9904", "4194304"]],
  [0.1, 0.1, ["0.1", "0.1"]],
  [0.10000001, 0.10000002, ["0.10000001", "0.10000002"]],
  [0.5, null, ["0.5", "missing"]],
])("the sides %s and %s of a gate are not rounded", (left, right, texts) => {
  expect(formatSides({ left, right })).toEqual(texts);
});

it("differences show their sign", () => {
  expect(formatDelta(0.0273)).toBe("+0.0273");
  expect(formatDelta(-0.0012)).toBe("−0.0012");
});

it.each([
  [0, "0 ms"],
  [0.0123, "12 ms"],
  [0.0996, "0.1 s"],
  [9.94, "9.9 s"],
  [9.96, "10 s"],
  [59.4, "59 s"],
  [59.6, "1 min 00 s"],
  [185, "3 min 05 s"],
  [3599.6, "1 h 00 min"],
  [7800, "2 h 10 min"],
])("%s seconds read %s", (seconds, text) => {
  expect(formatSeconds(seconds)).toBe(text);
});

it.each([
  [0, "0 B"],
  [999, "999 B"],
  [1024, "1.0 KB"],
  [262_472, "256 KB"],
  [1_047_900, "1023 KB"],
  [1_048_200, "1.0 MB"],
  [4 * 1024 ** 2, "4.0 MB"],
  [5000 * 1024 ** 4, "5000 TB"],
])("%s bytes read %s", (bytes, text) => {
  expect(formatBytes(bytes)).toBe(text);
});

it("counts are grouped by thousands", () => {
  expect(formatCount(1_234_567)).toBe("1\u202f234\u202f567");
  expect(formatCount(999)).toBe("999");
});

it.each([
  [1800, "duration", "30m"],
  [5400, "duration", "90m"],
  [0.25, "duration", "250ms"],
  [4 * 1024 ** 2, "bytes", "4MB"],
  [1000, "bytes", "1000"],
  [[60, 86_400], "duration[]", "[1m, 1d]"],
  [1800, "int", "1800"],
  [null, "duration", "off"],
])("the value %j of a %s reads %s", (value, type, text) => {
  expect(formatTyped(value, type)).toBe(text);
});

it("arguments read as in a pipeline", () => {
  expect(formatParam(null)).toBe("off");
  expect(formatParam([600, 200])).toBe("[600, 200]");
  expect(formatParam(["ndcg@10"])).toBe("[ndcg@10]");
  expect(formatParam(true)).toBe("true");
  expect(formatParam("adam")).toBe("adam");
  expect([formatParam("\t"), formatParam(""), formatParam("my file.csv")]).toEqual(['"\\t"', '""', '"my file.csv"']);
});

it("cells read as in a node's name", () => {
  expect(formatCell({})).toBe("");
  expect(formatCell({ seed: 0, dim: 8 })).toBe("[seed=0,dim=8]");
});

it("nouns agree with their number", () => {
  expect([plural(1, "node"), plural(2, "node"), plural(0, "fix", "fixes")]).toEqual(["1 node", "2 nodes", "0 fixes"]);
});

it("long names are cut visibly", () => {
  expect(clip("abcdef", 6)).toBe("abcdef");
  expect(clip("abcdefg", 6)).toBe("abcde…");
});
