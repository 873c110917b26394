import type { Diagnostic } from "../diagnostics/diagnostic.js";
import type { BuildContext } from "./build-context.js";

/**
 * All diagnostics of a file in source order, without those that only follow from another: one message per place, and no parse
 * error where the lexer or the repair of brackets has already named what is wrong with the token before or behind it.
 */
export function onePerPlace(context: BuildContext): readonly Diagnostic[] {
  const { diagnostics: found, parseErrors } = context;
  const causes = found.filter(({ severity }) => severity === "error").sort((a, b) => a.span.start - b.span.start);
  const independent = parseErrors.filter(({ span }) => {
    const previous = context.tokenBefore(span.start);
    const from = previous?.startOffset ?? 0;
    const to = span.start < span.end ? span.end : (context.tokenFrom(span.start)?.startOffset ?? context.text.length);
    return !causes.some((cause) => cause.span.start >= from && cause.span.start < to);
  });
  const certain = [...causes, ...independent];
  const followers = [...context.followers].sort((a, b) => a.span.start - b.span.start);
  for (const follower of followers) {
    const { start } = follower.span;
    const from = context.statementStart(start);
    if (!certain.some((cause) => cause.span.start >= from && cause.span.start <= start)) certain.push(follower);
  }
  const mild = found.filter(({ severity }) => severity !== "error");
  const taken = new Set<number>();
  return [...certain, ...mild]
    .map((diagnostic, order) => ({ diagnostic, order }))
    .sort((a, b) => a.diagnostic.span.start - b.diagnostic.span.start || a.order - b.order)
    .filter(({ diagnostic }) => {
      if (diagnostic.severity === "hint") return true;
      if (taken.has(diagnostic.span.start)) return false;
      taken.add(diagnostic.span.start);
      return true;
    })
    .map(({ diagnostic }) => diagnostic);
}
