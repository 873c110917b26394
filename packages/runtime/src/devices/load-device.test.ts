import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { expect, it } from "vitest";
import type { ChosenDevice } from "./choose-devices.js";
import { loadDevice } from "./load-device.js";

/** A device's module with the given body of `load`. */
function moduleWith(load: string): string {
  const file = join(mkdtempSync(join(tmpdir(), "kdp-device-")), "device.mjs");
  writeFileSync(file, `export default { kdpDevice: 1, name: "odd", probe() {}, async load() { ${load} } };\n`);
  return pathToFileURL(file).href;
}

const chosen = (entry: string | null): ChosenDevice => ({
  name: "odd",
  numericClass: "odd/1",
  found: "a card",
  why: "asked for",
  entry,
  ranks: false,
});

it("loads nothing for the CPU", async () => {
  expect(await loadDevice(chosen(null), "kd")).toBeNull();
});

it("says why a device does not start", async () => {
  const entry = moduleWith('throw new Error("the card fell off")');
  await expect(loadDevice(chosen(entry), "kd")).rejects.toMatchObject({
    data: { code: "KDP8011", place: "kd", message: expect.stringContaining("the card fell off") },
  });
});

it("refuses a device whose arithmetic is no longer that of the keys", async () => {
  const entry = moduleWith('return { tf: null, found: "another card", numericClass: "odd-gpu/1" }');
  await expect(loadDevice(chosen(entry), "kd")).rejects.toMatchObject({
    data: { code: "KDP8011", message: expect.stringContaining("now computes with another card (odd-gpu/1)") },
  });
});
