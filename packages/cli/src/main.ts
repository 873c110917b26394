import "reflect-metadata";
import { processHost } from "./io/host.js";
import { ownVersion } from "./io/version.js";
import { runCli } from "./program.js";

// A closed pipe (`kdp plan … | head`) is the reader's right, not a failure.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code === "EPIPE") process.exit(0);
  throw error;
});

process.exitCode = await runCli(process.argv.slice(2), processHost(), ownVersion());
