import { fix, report } from "../diagnostics/create-diagnostic.js";
import { didYouMean } from "../diagnostics/did-you-mean.js";
import type { Expr, Name } from "../syntax/ast.js";
import type { Frame } from "./frame.js";

/** `seed` or `[seed, dim]`: names that stand for axes; null when it is anything else. */
export function axisNames(expr: Expr): readonly Name[] | null {
  if (expr.kind === "name") return [expr.name];
  if (expr.kind !== "list") return null;
  const names = expr.elements.map(({ value, label }) => (value.kind === "name" && !label ? value.name : null));
  return names.every((name) => name !== null) ? names : null;
}

/** Reports KDP4405 for names that are no axes of the matrix. */
export function checkAxesExist(names: readonly Name[], frame: Frame): boolean {
  const { axes, reporter } = frame.session;
  if (axes === null) return true;
  let all = true;
  for (const { text, span, missing } of names) {
    if (!missing && axes.includes(text)) continue;
    all = false;
    if (missing) continue;
    const nearest = didYouMean(text, axes);
    const fixes = nearest === null ? [] : [fix(`write \`${nearest}\``, span, nearest)];
    const notes = axes.length === 0 ? ["this pipeline has no `matrix`"] : [`axes are: ${axes.join(", ")}`];
    reporter.add(report("KDP4405", { axis: text }, span, { variant: "unknown", fixes, notes }));
  }
  return all;
}
