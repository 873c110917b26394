export { compile } from "./compile.js";
export type * from "./compile-types.js";
export { type AppliedFixes, applyFixes } from "./diagnostics/apply-fixes.js";
export { fix, type ReportOptions, report } from "./diagnostics/create-diagnostic.js";
export type * from "./diagnostics/diagnostic.js";
export { type Candidate, didYouMean, suggestions } from "./diagnostics/did-you-mean.js";
export { applyIgnoreComments, type CheckedFile, type IgnoreOptions } from "./diagnostics/ignore-comments.js";
export { type Code, MESSAGES, type MessageVariant, type ParamsOf, type VariantOf } from "./diagnostics/messages.js";
export { createLineIndex, type LineIndex, type Position } from "./diagnostics/position.js";
export {
  type Paint,
  type RenderOptions,
  renderDiagnostic,
  renderDiagnostics,
  renderPlace,
} from "./diagnostics/render.js";
export {
  RUNTIME_CODES,
  type RuntimeCode,
  type RuntimeCodeEntry,
  type RuntimeSeverity,
} from "./diagnostics/runtime-codes.js";
export type * from "./plan/plan.js";
export type * from "./syntax/ast.js";
export { type ParseResult, parse } from "./syntax/parse.js";
