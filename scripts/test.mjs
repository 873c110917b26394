// `npm test`: lint, types of the tests, then the tests. `npm test -- PATTERN` runs only the matching test files.
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
run(process.execPath, [bin("vitest", "vitest.mjs"), "run", ...patterns]);
