// `npm start`: everything from a bare clone to a report. `npm start -- FILE …` runs another pipeline.
import { join } from "node:path";
import { build, install, requireNode, root, run } from "./lib.mjs";

requireNode();
install();
build();
const args = process.argv.slice(2);
run(process.execPath, [
  join(root, "packages/cli/bin/kdp.js"),
  "run",
  ...(args.length > 0 ? args : ["pipelines/quickstart.kdp"]),
]);
