import { expect, it } from "vitest";
import { placeLabels } from "./place-labels.js";

const at = (x: number, y: number, text = "label", anchor: "start" | "end" = "start") => ({ x, y, text, anchor });

it("leaves labels that cover nothing where they are", () => {
  expect(placeLabels([at(0, 0), at(0, 20), at(100, 0)])).toEqual([0, 0, 0]);
});

it("moves only as far as needed, upwards first", () => {
  expect(placeLabels([at(0, 100), at(0, 95)])).toEqual([0, -7]);
  expect(placeLabels([at(0, 100), at(0, 100), at(0, 100)])).toEqual([0, -12, 12]);
});

it("knows on which side of its place a label stands", () => {
  expect(placeLabels([at(0, 0, "abc", "end"), at(1, 0, "abc", "start")])).toEqual([0, 0]);
  expect(placeLabels([at(10, 0, "abcdef", "end"), at(0, 0, "abc", "start")])).not.toEqual([0, 0]);
});
