// `npm start`: everything from a bare clone to a report. `npm start -- FILE …` runs another pipeline.
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { build, install, requireNode, root } from "./lib.mjs";

requireNode();
install();
build();
const kdp = join(root, "packages/cli/bin/kdp.js");
const args = process.argv.slice(2);
// In this process: a second one would take longer to start than a run that is all in the cache.
process.argv.splice(
  1,
  Number.POSITIVE_INFINITY,
  kdp,
  "run",
  ...(args.length > 0 ? args : ["pipelines/quickstart.kdp"]),
);
process.chdir(root);
await import(pathToFileURL(kdp).href);
