import { describe, expect, it } from "vitest";
import { sizeOf, unknownSizes } from "./memory.js";

describe("a size formula", () => {
  it("is a sum of products of numbers, sizes and arguments", () => {
    expect(sizeOf([["users", "dim"], ["items", 2], [7]], { users: 10, items: 5 }, { dim: 3 })).toBe(30 + 10 + 7);
    expect(sizeOf([["items", "hidden.0"], ["hidden.-1"]], { items: 5 }, { hidden: [6, 4] })).toBe(34);
    expect(sizeOf([], {}, {})).toBe(0);
  });

  it("counts an argument that is off as nothing", () => {
    expect(sizeOf([["users", "top"], ["users"]], { users: 10 }, { top: null })).toBe(10);
  });

  it("tells an argument from a size of the same name", () => {
    const formula = [["users", "params.items"], ["params.hidden.1"]];
    expect(sizeOf(formula, { users: 10, items: 500 }, { items: 3, hidden: [6, 4] })).toBe(34);
    expect(unknownSizes([["items", "params.items", "params.item"]], { items: 3 })).toEqual(["params.item"]);
  });

  it("has no value where a size is not known or an argument is no number", () => {
    expect(sizeOf([["users", "dim"]], {}, { dim: 3 })).toBeNull();
    expect(sizeOf([["part"]], {}, { part: "mf" })).toBeNull();
    expect(sizeOf([["hidden.2"]], {}, { hidden: [6, 4] })).toBeNull();
  });

  it("tells the names that nothing gives a value", () => {
    expect(
      unknownSizes(
        [
          ["users", "dim", 4],
          ["hidden.0", "depth"],
        ],
        { dim: 1, hidden: [] },
      ),
    ).toEqual(["depth"]);
  });
});
