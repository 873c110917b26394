import { fileURLToPath } from "node:url";

/** Path of the worker's program: always that of the build, also when a test runs the sources. */
export const workerEntry = (): string => fileURLToPath(new URL("../../dist/worker/main.js", import.meta.url));
