import type { Origin, PlanNode } from "@kdp/dsl";
import { expect, it } from "vitest";
import type { FaultData } from "../faults.js";
import { faultLocator } from "./locate-faults.js";

const TEXT = 'let 名 = dataset("a.tsv")\nlet kd = t -> bprmf(learning_rate: 1e6)\n';
const span = (part: string) => ({
  file: "/p/x.kdp",
  start: TEXT.indexOf(part),
  end: TEXT.indexOf(part) + part.length,
});
const written = (part: string): Origin => ({ kind: "source", span: span(part) });

const node = (changes: Partial<PlanNode>): PlanNode =>
  ({ id: "kd", files: [], origins: {}, span: span("bprmf"), ...changes }) as PlanNode;
const fault = (changes: Partial<FaultData> = {}): FaultData => ({
  code: "KDP8001",
  kind: "run",
  message: "m",
  place: "kd",
  ...changes,
});

const locate = faultLocator(new Map([["/p/x.kdp", TEXT]]));
const underlined = (at: FaultData["at"]) =>
  at ? [TEXT.slice(at.start, at.end), at.line, at.column, at.endColumn] : [];

it("a fault goes back to the call of its node, or to the argument that it names", () => {
  expect(underlined(locate(fault(), node({})).at)).toEqual(["bprmf", 2, 15, 20]);
  const origins = { learning_rate: written("1e6") };
  const told = locate(fault({ argument: "learning_rate" }), node({ origins }));
  expect(told).toMatchObject({ node: "kd", place: "kd" });
  expect(underlined(told.at)).toEqual(["1e6", 2, 36, 39]);
});

it("an argument that the file does not write has no place of its own", () => {
  const origins: Record<string, Origin> = { learning_rate: { kind: "param", param: "lr", value: "set" } };
  expect(underlined(locate(fault({ argument: "learning_rate" }), node({ origins })).at)[0]).toBe("bprmf");
});

it("a fault of a file goes back to the argument that names the file", () => {
  const file = (param: string, path: string) => ({ param, path, base: "/p" });
  const one = node({ files: [file("source", "a.tsv")], origins: { source: written('"a.tsv"') } });
  const data = fault({ code: "KDP7006", place: "/p/a.tsv:3" });
  expect(underlined(locate(data, one).at)).toEqual(['"a.tsv"', 1, 17, 24]);
  const two = node({
    files: [file("train", "b/train.tsv"), file("test", "a.tsv")],
    origins: { train: written("let 名"), test: written('"a.tsv"') },
  });
  expect(underlined(locate(data, two).at)[0]).toBe('"a.tsv"');
  expect(underlined(locate({ ...data, place: "kd" }, two).at)[0]).toBe("bprmf");
  // What happens beside the data of a node with a file is not the file's fault.
  expect(underlined(locate(fault({ code: "KDP8003" }), one).at)[0]).toBe("bprmf");
});

it("without the text only the node is known", () => {
  const told = faultLocator(new Map())(fault(), node({}));
  expect(told).toMatchObject({ node: "kd" });
  expect("at" in told).toBe(false);
});
