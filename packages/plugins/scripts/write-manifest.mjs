/** Writes the static manifest of the standard library beside its code: the compiler and the editor read only that. */
import { mkdir, writeFile } from "node:fs/promises";
import { manifestOf } from "@kdp/plugin-api";
import plugin from "../dist/index.js";

const folder = new URL("../dist/", import.meta.url);
await mkdir(folder, { recursive: true });
await writeFile(new URL("kdp.manifest.json", folder), `${JSON.stringify(manifestOf(plugin), null, 2)}\n`);
