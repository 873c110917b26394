import util from "node:util";
import { afterEach, expect, it } from "vitest";
import { restoreNodeUtil } from "./node-util.js";

type Helper = (value: unknown) => boolean;
const names = ["isArray", "isNullOrUndefined"] as const;
const before = names.map((name) => [name, Object.getOwnPropertyDescriptor(util, name)] as const);
const helper = (name: (typeof names)[number]): Helper | undefined => Reflect.get(util, name);

afterEach(() => {
  for (const [name, descriptor] of before) {
    Reflect.deleteProperty(util, name);
    if (descriptor) Object.defineProperty(util, name, descriptor);
  }
});

it("puts back what Node 23 took away", () => {
  for (const name of names) Reflect.deleteProperty(util, name);
  expect(names.map(helper)).toEqual([undefined, undefined]);
  restoreNodeUtil();
  expect([null, undefined, 0, ""].map((value) => helper("isNullOrUndefined")?.(value))).toEqual([
    true,
    true,
    false,
    false,
  ]);
  expect([[], "a"].map((value) => helper("isArray")?.(value))).toEqual([true, false]);
});

it("calls without the warning of the Node that still has them", async () => {
  const warnings: string[] = [];
  const hear = (warning: Error) => warnings.push(warning.message);
  process.on("warning", hear);
  restoreNodeUtil();
  for (const name of names) helper(name)?.(null);
  await new Promise(setImmediate);
  process.off("warning", hear);
  expect(warnings).toEqual([]);
});
