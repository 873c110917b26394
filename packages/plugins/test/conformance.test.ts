import { readFileSync } from "node:fs";
import { createKernels } from "@kdp/kernels";
import { describePlugin } from "@kdp/plugin-api/testing";
import { describe, it } from "vitest";
import plugin from "../src/index.js";
import { loadTf } from "./tensorflow.js";

const manifest: unknown = JSON.parse(readFileSync(new URL("../dist/kdp.manifest.json", import.meta.url), "utf8"));

/** Their latent sample is drawn anew at each step. */
const variational = { params: { hidden: [12, 4] }, slopes: false };

describePlugin(
  plugin,
  { describe, it },
  {
    tf: loadTf,
    kernels: createKernels,
    manifest,
    losses: {
      de: { params: { experts: 4 } },
      // From the first epoch, so that there is something to check.
      bd: { params: { warm_up: 0 } },
      ftd: { zeroWhenEqual: true },
      // The released code's prototypes carry no gradient, though the value depends on them.
      htd: { params: { groups: 4 }, slopes: false },
    },
    models: { multi_vae: variational, item_ae: variational },
  },
);
