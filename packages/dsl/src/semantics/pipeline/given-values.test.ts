import { describe, expect, it } from "vitest";
import { parse } from "../../syntax/parse.js";
import type { Value } from "../values.js";
import { jsonGiven, parseGiven } from "./given-values.js";

function typeOf(text: string) {
  const { ast } = parse(`kdp 1\npipeline p {\n  param x: ${text}\n}\n`, "t.kdp");
  const [param] = ast.pipelines[0]!.statements;
  if (param?.kind !== "param") throw new Error("no param");
  return param.type;
}

function plain(value: Value | null): unknown {
  if (value?.kind === "literal") return value.value;
  return value?.kind === "list" ? value.elements.map((element) => plain(element.value)) : value;
}

describe("--set", () => {
  it.each([
    ["int", "10", 10],
    ["int", " -3 ", -3],
    ["int", "1.5", null],
    ["int", "1e3", null],
    ["float", "10", 10],
    ["float", "1e-3", 1e-3],
    ["float", ".5", 0.5],
    ["float", "NaN", null],
    ["bool", "true", true],
    ["bool", "yes", null],
    ["string", "10", "10"],
    ["string", "", ""],
    ["path", "a b.tsv", "a b.tsv"],
    ["duration", "90m", 5400],
    ["duration", "30", null],
    ["bytes", "4GB", 4 * 2 ** 30],
    ["bytes", "4gb", null],
    ['"a" | "b"', "b", "b"],
    ['"a" | "b"', "c", null],
    ["int[]", "600,200", [600, 200]],
    ["int[]", "[600, 200]", [600, 200]],
    ["int[]", "", []],
    ["int[]", "1,x", null],
    ["string[]", '["a", b]', ["a", "b"]],
  ])("%s from %j is %j", (type, text, expected) => {
    expect(plain(parseGiven(text, typeOf(type)))).toEqual(expected);
  });
});

describe("--params", () => {
  it.each([
    ["int", 10, 10],
    ["int", "10", null],
    ["float", 1, 1],
    ["bool", false, false],
    ["bool", "false", null],
    ["string", "10", "10"],
    ["string", 10, null],
    ["duration", "2h", 7200],
    ["duration", 7200, null],
    ["int[]", [1, 2], [1, 2]],
    ["int[]", [1, "2"], null],
    ["int", [1], null],
    ["int", null, null],
    ["int", { a: 1 }, null],
  ])("%s from %j is %j", (type, json, expected) => {
    expect(plain(jsonGiven(json, typeOf(type)))).toEqual(expected);
  });
});
