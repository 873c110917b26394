// Writes src/syntax/cst.generated.ts from the grammar. Build first; a test fails when the file is out of date.
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { cstTypes } from "../dist/syntax/cst-types.js";

const target = fileURLToPath(new URL("../src/syntax/cst.generated.ts", import.meta.url));
writeFileSync(target, cstTypes());
execFileSync("npx", ["biome", "format", "--write", target], { stdio: "inherit" });
