import { sizeOf } from "@kdp/plugin-api";
import { resolveParams } from "@kdp/plugin-api/testing";
import { expect, it } from "vitest";
import { losses } from "./index.js";

const { cd, dcd, ir_rrd: irRrd, rd, rrd, unkd } = losses;

/** Of each user, with the arguments' defaults. Arguments called `items` are not the items of the data. */
it.each([
  ["rrd", rrd, 4 * (40 + 40)],
  ["cd", cd, 8 * 30],
  ["dcd", dcd, 8 * 100 + 16 * (500 + 20 * 10)],
  ["rd", rd, 4 * (10 + 100)],
  ["unkd", unkd, 8 * 30 + 4 * 2 * 1000],
])("%s tells the lists that it keeps", (_, { memory, params }, perUser) => {
  const sizes = { users: 1000, items: 500 };
  expect(sizeOf(memory?.bytes ?? [], sizes, resolveParams(params, {}))).toBe(1000 * perUser);
});

it("ir_rrd tells the lists of both sides", () => {
  const sizes = { users: 1000, items: 500 };
  const bytes = sizeOf(irRrd.memory?.bytes ?? [], sizes, resolveParams(irRrd.params, {}));
  expect(bytes).toBe(4 * (1000 * (40 + 40) + 500 * (20 + 20)));
});
