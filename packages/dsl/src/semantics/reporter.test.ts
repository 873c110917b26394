import { describe, expect, it } from "vitest";
import { report } from "../diagnostics/create-diagnostic.js";
import { createReporter } from "./reporter.js";

const place = (start: number) => ({ file: "a.kdp", start, end: start + 1 });
const clash = (name: string, start = 0) => report("KDP2206", { name }, place(start));
const cells = [{ dim: 8 }, { dim: 16 }, { dim: 32 }];

describe("reporter", () => {
  it("tells in which cells something is wrong, unless it is wrong in all", () => {
    const reporter = createReporter();
    reporter.inCells(cells, ["dim"], (cell) => {
      reporter.add(clash("everywhere", 0));
      if (cell.dim !== 16) reporter.add(clash(`at ${cell.dim}`, 5));
      return undefined;
    });
    expect(reporter.diagnostics.map(({ message, notes }) => [message, notes])).toEqual([
      ["argument `everywhere` is given twice", undefined],
      ["argument `at 8` is given twice", ["only in [dim=8], [dim=32]"]],
    ]);
  });

  it("does not count cells that are like an earlier one", () => {
    const reporter = createReporter();
    reporter.inCells(cells, ["dim"], (cell) => {
      if (cell.dim !== 8) return "same";
      reporter.add(clash("x"));
      return undefined;
    });
    expect(reporter.diagnostics[0]?.notes).toBeUndefined();
  });

  it("tells a place once, whatever later statements say about it", () => {
    const reporter = createReporter();
    const once = (name: string) =>
      reporter.inCells([{}], [], () => {
        reporter.inCall(place(9), () => reporter.add(clash(name, 3)));
        return undefined;
      });
    once("first");
    once("second");
    expect(reporter.diagnostics).toHaveLength(1);
    expect(reporter.diagnostics[0]?.related).toEqual([{ span: place(9), label: "in this call" }]);
  });
});
