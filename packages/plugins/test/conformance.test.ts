import { readFileSync } from "node:fs";
import { createKernels } from "@kdp/kernels";
import { describePlugin } from "@kdp/plugin-api/testing";
import { describe, it } from "vitest";
import plugin from "../src/index.js";
import { conformanceNotes } from "./support/conformance-notes.js";
import { loadTf } from "./tensorflow.js";

const manifest: unknown = JSON.parse(readFileSync(new URL("../dist/kdp.manifest.json", import.meta.url), "utf8"));

describePlugin(plugin, { describe, it }, { tf: loadTf, kernels: createKernels, manifest, ...conformanceNotes });
