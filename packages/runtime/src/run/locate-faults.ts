import { basename } from "node:path";
import { createLineIndex, type LineIndex, type PlanNode, type Span } from "@kdp/dsl";
import type { FaultData, SourcePlace } from "../faults.js";

/** Adds to the fault of a node where the pipeline asks for what went wrong. */
export type LocateFault = (fault: FaultData, node: PlanNode) => FaultData;

/**
 * Of a fault that names an argument, or is about a file that an argument names, the place of that argument; else that of the
 * call. An argument that the file does not write (a default, `--set`) has no place of its own.
 * @param sources texts of the compiled files
 */
export function faultLocator(sources: ReadonlyMap<string, string>): LocateFault {
  const indexes = new Map<string, LineIndex>();
  const indexOf = (file: string): LineIndex | null => {
    const text = sources.get(file);
    if (text === undefined) return null;
    const index = indexes.get(file) ?? createLineIndex(text);
    indexes.set(file, index);
    return index;
  };
  return (fault, node) => {
    const span = argumentSpan(fault, node) ?? node.span;
    const index = indexOf(span.file);
    return { ...fault, node: node.id, ...(index && !fault.at ? { at: sourcePlace(span, index) } : {}) };
  };
}

function argumentSpan(fault: FaultData, node: PlanNode): Span | null {
  const argument = fault.argument ?? fileArgument(fault, node);
  const origin = argument === null ? undefined : node.origins[argument];
  return origin?.kind === "source" ? origin.span : null;
}

/** The argument that names the file which a fault is about: the only one, or the one whose file the place names. */
function fileArgument({ code, place = "" }: FaultData, { files }: PlanNode): string | null {
  const about = files.find(({ path }) => place.includes(basename(path)));
  const only = files.length === 1 && code.startsWith("KDP7") ? files[0] : undefined;
  return (about ?? only)?.param ?? null;
}

function sourcePlace(span: Span, index: LineIndex): SourcePlace {
  const [from, to] = [index.positionAt(span.start), index.positionAt(span.end)];
  return { ...span, line: from.line, column: from.column, endLine: to.line, endColumn: to.column };
}
