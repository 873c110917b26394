/** Tools to test plugins with, `@kdp/plugin-api/testing`. */
export * from "./check.js";
export type { LossNotes } from "./check-losses.js";
export type { ModelNotes } from "./check-models.js";
export * from "./check-slopes.js";
export * from "./describe-plugin.js";
export * from "./finite-differences.js";
export * from "./initialise.js";
export * from "./loss-trial.js";
export * from "./reference-student.js";
export * from "./resolve-params.js";
export * from "./sample-world.js";
export * from "./test-streams.js";
