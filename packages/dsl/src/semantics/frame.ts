import type { Span } from "../diagnostics/diagnostic.js";
import type { Catalogue } from "../library/catalogue.js";
import type { Cell } from "../plan/plan.js";
import type { FileScope, StageDecl } from "./files.js";
import type { Landing, NodeTable } from "./node-table.js";
import type { Reporter } from "./reporter.js";
import type { Value } from "./values.js";

/** What the evaluation of one pipeline shares. */
export interface Session {
  readonly reporter: Reporter;
  readonly library: Catalogue;
  readonly nodes: NodeTable;
  /** Axis names in the order of the matrix; null where the matrix is not known, in a stage that nobody calls. */
  readonly axes: readonly string[] | null;
  readonly cells: readonly Cell[];
  readonly usage: Usage;
}

/** Declarations that something refers to: spans of their names. */
export interface Usage {
  mark(declaration: Span): void;
  has(declaration: Span): boolean;
}

export function createUsage(): Usage {
  const used = new Set<string>();
  const key = (span: Span): string => `${span.file}|${span.start}`;
  return { mark: (span) => void used.add(key(span)), has: (span) => used.has(key(span)) };
}

/** A name that the pipeline, or a stage's list of inputs, binds. */
export interface Binding {
  readonly value: Value;
  readonly span: Span;
}

/** The innermost scope of an expression. */
export interface Locals {
  find(name: string): Binding | null;
  /** Where a name is defined that cannot be seen from here because it comes later. */
  findLater(name: string): Span | null;
  names(): readonly { readonly name: string; readonly value: Value }[];
}

/** Where an expression is evaluated. */
export interface Frame {
  readonly session: Session;
  readonly file: FileScope;
  readonly locals: Locals;
  readonly cell: Cell;
  readonly landing: Landing;
  /** Labels of the lists that the expression stands in. */
  readonly labels: readonly string[];
  /** Stages being expanded, outermost first. */
  readonly expanding: readonly StageDecl[];
  /** The same place in another cell of the matrix. */
  at(cell: Cell): Frame;
}

export const labelled = (frame: Frame, label: string | null): Frame =>
  label === null
    ? frame
    : { ...frame, labels: [...frame.labels, label], at: (cell) => labelled(frame.at(cell), label) };
