import "reflect-metadata";
import { readFileSync } from "node:fs";
import { processHost } from "./io/host.js";
import { runCli } from "./program.js";

const { version } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")) as {
  readonly version: string;
};

// A closed pipe (`kdp plan … | head`) is the reader's right, not a failure.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code === "EPIPE") process.exit(0);
  throw error;
});

process.exitCode = await runCli(process.argv.slice(2), processHost(), version);
