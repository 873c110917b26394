export type * from "./compile-types.js";
export type * from "./diagnostics/diagnostic.js";
export type * from "./plan/plan.js";
