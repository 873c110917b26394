import { expect, it } from "vitest";
import { locateIn, originText } from "./origin.js";

const sources = new Map([["a.kdp", "one\ntwo\nthree\n"]]);
const span = (start: number, file = "a.kdp") => ({ file, start, end: start + 1 });

it("finds the line of a span", () => {
  const locate = locateIn(sources);
  expect([0, 3, 4, 8, 12].map((start) => locate(span(start)))).toEqual([
    "a.kdp:1",
    "a.kdp:1",
    "a.kdp:2",
    "a.kdp:3",
    "a.kdp:3",
  ]);
  expect(locate(span(0, "gone.kdp"))).toBe("gone.kdp");
});

it("says where a value came from", () => {
  expect(originText({ kind: "default", plugin: "@kdp/plugins" }, locateIn(new Map()))).toBe("default of @kdp/plugins");
  expect(originText({ kind: "preset", alias: "listwise" }, locateIn(new Map()))).toBe("set by listwise");
  expect(originText({ kind: "source", span: span(4) }, locateIn(sources))).toBe("a.kdp:2");
  expect(originText({ kind: "param", param: "dim", value: "set" }, locateIn(new Map()))).toBe("param dim, --set");
  expect(originText(null, locateIn(new Map()))).toBe("");
});
