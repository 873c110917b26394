import { expect, it } from "vitest";
import { cell, screenTable, textWidth } from "./table.js";

it("aligns columns whatever colours do to the text", () => {
  const red = (text: string): string => `\u001b[31m${text}\u001b[39m`;
  const lines = screenTable(
    [{ title: "model" }, { title: "value", align: "right" }],
    [
      [cell("plain", red), cell("0.9")],
      [cell("kd"), cell("0.91", red)],
    ],
  );
  expect(lines).toEqual(["model  value", `${red("plain")}    0.9`, `kd      ${red("0.91")}`]);
});

it("counts what a terminal shows", () => {
  expect(textWidth("größe")).toBe(5);
  expect(textWidth("映画")).toBe(4);
  expect(textWidth("e\u0301")).toBe(1);
  expect(textWidth("\u200bid")).toBe(2);
});

it("has no title line without titles", () => {
  expect(screenTable([{ title: "" }], [[cell("a")]])).toEqual(["a"]);
});
