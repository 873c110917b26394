// `npm test`: lint, types of the tests, then the tests. `npm test -- PATTERN` runs only the matching test files.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { build, install, requireNode, root, run } from "./lib.mjs";

requireNode();
install();
build();
const bin = (name, entry) => join(root, "node_modules", name, entry);
const patterns = process.argv.slice(2);
if (patterns.length === 0) {
  run(process.execPath, [bin("@biomejs/biome", "bin/biome"), "check", "."]);
  run(process.execPath, [bin("typescript", "bin/tsc"), "-p", "tsconfig.tests.json"]);
}
run(process.execPath, [bin("vitest", "vitest.mjs"), "run", ...patterns], { env: { ...process.env, ...environment() } });

/**
 * Pipelines of the tests train on the CPU unless a test names a device, whatever this machine has. Without a graphics card the
 * tests of the device webgpu compute on SwiftShader, which Debian's chromium brings together with a Vulkan loader.
 */
function environment() {
  const chromium = "/usr/lib/chromium";
  const driver = join(chromium, "vk_swiftshader_icd.json");
  const chosen = process.env.VK_ICD_FILENAMES ?? process.env.VK_DRIVER_FILES;
  return {
    KDP_DEVICE: process.env.KDP_DEVICE ?? "cpu",
    ...(chosen === undefined && existsSync(driver)
      ? {
          VK_ICD_FILENAMES: driver,
          LD_LIBRARY_PATH: [process.env.LD_LIBRARY_PATH, chromium].filter(Boolean).join(":"),
        }
      : {}),
  };
}
