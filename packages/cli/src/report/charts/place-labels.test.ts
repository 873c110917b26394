import { expect, it } from "vitest";
import { keepOrder, placeLabels } from "./place-labels.js";

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

it("keeps out of the axis and off the dots", () => {
  const room = { top: 0, bottom: 100, dots: [] };
  expect(placeLabels([at(0, 98)], room)).toEqual([-4]);
  expect(placeLabels([at(0, 2)], room)).toEqual([4]);
  expect(placeLabels([at(0, 50)], { ...room, dots: [{ x: 10, y: 48 }] })).toEqual([9]);
  expect(placeLabels([at(0, 50)], { ...room, dots: [{ x: -20, y: 48 }] })).toEqual([0]);
});

it("leaves out a label that finds no place near its own", () => {
  const crowd = Array.from({ length: 12 }, () => at(0, 100));
  const placed = placeLabels(crowd, { top: 0, bottom: 200, dots: [] }).filter((shift) => shift !== null);
  expect(placed).toEqual([0, -12, 12, -24, 24, -36, 36]);
});

it("leaves out a label among others that belong elsewhere", () => {
  const labels = [at(0, 100), at(0, 98), at(0, 96)];
  expect(keepOrder(labels, [0, -12, -24])).toEqual([0, -12, -24]);
  // The uppermost went below the others.
  expect(keepOrder(labels, [0, -12, 18])).toEqual([0, -12, null]);
  expect(keepOrder(labels, [null, 0, 9])).toEqual([null, 0, null]);
});
