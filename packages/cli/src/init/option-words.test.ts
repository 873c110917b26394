import { RuntimeFault } from "@kdp/runtime";
import { expect, it } from "vitest";
import { inOptions } from "./option-words.js";

const told = (code: string, message: string, fix: string) => {
  const { data } = inOptions(new RuntimeFault({ code, kind: "user", message, place: "a.csv", fix }));
  expect(data).toMatchObject({ code, kind: "user", place: "a.csv" });
  return [data.message, data.fix];
};

it("arguments of dataset() become options", () => {
  expect(told("KDP7008", 'there is no column "x" (`user:`)', 'say which: `item: "…"`; it has "a"')).toEqual([
    'there is no column "x" (`--user`)',
    'say which: `--item "…"`; it has "a"',
  ]);
  expect(told("KDP7008", "m", "say which: `header: true` or `header: false`")[1]).toBe(
    "say which: `--header` or `--no-header`",
  );
});

it("paths start from the working folder", () => {
  expect(told("KDP7001", "there is no such file", "relative to the pipeline's file")[1]).toBe(
    "paths start from the folder that the command is typed in",
  );
});
