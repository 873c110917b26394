import { expect, it } from "vitest";
import { nodeCheck } from "./examine.js";

it.each([
  ["20.19.0", "good"],
  ["20.18.3", "bad"],
  ["18.20.4", "bad"],
  ["22.4.0", "good"],
  ["24.0.0", "good"],
])("Node %s is %s", (version, status) => {
  const check = nodeCheck(version);
  expect(check.status).toBe(status);
  expect(check.mend === null).toBe(status === "good");
});
