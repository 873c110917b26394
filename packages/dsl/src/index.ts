export type * from "./compile-types.js";
export { fix, type ReportOptions, report } from "./diagnostics/create-diagnostic.js";
export type * from "./diagnostics/diagnostic.js";
export { type Code, MESSAGES, type ParamsOf, type VariantOf } from "./diagnostics/messages.js";
export {
  RUNTIME_CODES,
  type RuntimeCode,
  type RuntimeCodeEntry,
  type RuntimeSeverity,
} from "./diagnostics/runtime-codes.js";
export type * from "./plan/plan.js";
export type * from "./syntax/ast.js";
export { type ParseResult, parse } from "./syntax/parse.js";
