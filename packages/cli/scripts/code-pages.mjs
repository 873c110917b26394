// `prepack` puts the pages of all codes into the package, `postpack` takes them out again: in a clone they live in docs/.
import { cpSync, rmSync } from "node:fs";

const inside = new URL("../codes", import.meta.url);
rmSync(inside, { recursive: true, force: true });
if (process.argv[2] === "in") cpSync(new URL("../../../docs/codes", import.meta.url), inside, { recursive: true });
