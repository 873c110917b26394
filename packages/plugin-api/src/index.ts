/** The contract between kdp and its plugins. */
export type * from "./batch.js";
export * from "./define.js";
export type * from "./ensemble.js";
export type * from "./export.js";
export type * from "./interactions.js";
export type * from "./kernels.js";
export type * from "./loss.js";
export * from "./manifest.js";
export * from "./manifest-of.js";
export type * from "./metric.js";
export type * from "./model.js";
export type * from "./parameters.js";
export * from "./params.js";
export type * from "./random.js";
export type * from "./split.js";
export type * from "./teacher.js";
export * from "./training.js";
export type * from "./views.js";
