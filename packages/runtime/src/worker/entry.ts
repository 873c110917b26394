import { fileURLToPath } from "node:url";
import { builtModule } from "../project/built-module.js";

/** Path of the worker's program. */
export const workerEntry = (): string => fileURLToPath(builtModule("worker/main"));
