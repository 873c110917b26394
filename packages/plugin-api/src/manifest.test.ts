import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { PLUGIN_API_VERSION } from "./manifest.js";

it("the package has the version of the contract: plugins name the range of both", () => {
  const { version } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"));
  expect(version).toBe(PLUGIN_API_VERSION);
});
