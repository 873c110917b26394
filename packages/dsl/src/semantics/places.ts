import type { Fix, Span } from "../diagnostics/diagnostic.js";
import type { Arg, Call, Expr } from "../syntax/ast.js";

/** The end of a chain is where its value comes from; the rest has its own places. */
export function tailOf(expr: Expr): Expr {
  return expr.kind === "chain" ? tailOf(expr.right) : expr;
}

/** How a stage is called in the source: `bprmf`, `topo.hierarchical`; null when the expression names nothing. */
export function writtenName(expr: Expr): string | null {
  switch (expr.kind) {
    case "name":
      return expr.name.missing ? null : expr.name.text;
    case "metric":
      return Number.isNaN(expr.cutoff) ? null : `${expr.metric}@${expr.cutoff}`;
    case "member": {
      const object = writtenName(expr.object);
      const member = memberText(expr);
      return object === null || member === null ? null : `${object}.${member}`;
    }
    case "call":
      return writtenName(expr.callee);
    case "chain":
      return writtenName(expr.right);
    default:
      return null;
  }
}

export function memberText(expr: Expr & { kind: "member" }): string | null {
  const { member } = expr;
  if ("metric" in member) return Number.isNaN(member.cutoff) ? null : `${member.metric}@${member.cutoff}`;
  return member.missing ? null : member.text;
}

/** The name that a list element gets when it has no label: the last part of what it is called. */
export function ownLabel(expr: Expr): string | null {
  const name = writtenName(expr);
  return name === null || name.includes("@") ? null : name.slice(name.lastIndexOf(".") + 1);
}

export const startOf = (span: Span): Span => ({ ...span, end: span.start });
export const endOf = (span: Span): Span => ({ ...span, start: span.end });

/** From the start of the first to the end of the second. */
export const between = (first: Span, second: Span): Span => ({ file: first.file, start: first.start, end: second.end });

export const insertBefore = (title: string, span: Span, text: string): Fix => ({
  title,
  edits: [{ span: startOf(span), text }],
});

/** Adds `name: value` to a call, or to a bare name that stands for one. */
export function addArgument(call: { readonly written: readonly Arg[] | null; readonly span: Span }, text: string): Fix {
  const title = `add \`${text}\``;
  const last = call.written?.at(-1);
  if (last) return { title, edits: [{ span: endOf(last.span), text: `, ${text}` }] };
  // `f()` ends with its bracket, `f` with its name.
  if (call.written) {
    const inside = { ...call.span, start: call.span.end - 1, end: call.span.end - 1 };
    return { title, edits: [{ span: inside, text }] };
  }
  return { title, edits: [{ span: endOf(call.span), text: `(${text})` }] };
}

export const argsOf = (expr: Expr): readonly Arg[] | null => (expr.kind === "call" ? (expr as Call).args : null);
