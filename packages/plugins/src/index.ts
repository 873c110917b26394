import { definePlugin, PLUGIN_API_VERSION } from "@kdp/plugin-api";
import { ensembles } from "./ensembles/index.js";
import { exports } from "./exports/index.js";
import { lossAliases, losses } from "./losses/index.js";
import { metrics } from "./metrics/index.js";
import { models } from "./models/index.js";
import { splits } from "./splits/index.js";
import { teachers } from "./teachers/index.js";

/** The standard library of kdp, written against the plugin API alone, as any other plugin. */
export default definePlugin({
  name: "@kdp/plugins",
  version: "0.1.0",
  api: `^${PLUGIN_API_VERSION}`,
  models,
  losses,
  splits,
  metrics,
  aliases: lossAliases,
  ensembles,
  teachers,
  exports,
});
