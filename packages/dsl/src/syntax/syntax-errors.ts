import type { IRecognitionException, IToken } from "chevrotain";
import { fix, report } from "../diagnostics/create-diagnostic.js";
import type { Diagnostic } from "../diagnostics/diagnostic.js";
import type { BuildContext } from "./build-context.js";
import { endOf, tokenName, tokenSpan } from "./syntax-context.js";
import * as T from "./tokens.js";

/** A parse error as a diagnostic. The message of the exception is the phrase of what was expected, from `parser-messages.ts`. */
export function reportParseError(error: IRecognitionException, context: BuildContext): Diagnostic {
  const found = isReal(error.token) ? error.token : null;
  const offset = found?.startOffset ?? virtualOffset(error.token) ?? context.text.length;
  // What cannot start a statement never reaches a rule, so there is a token before every error.
  const previous = context.tokenBefore(offset) ?? error.token;
  const expected = error.message;
  const end = context.span(endOf(previous), endOf(previous));
  // The mistake is where the text stops making sense, not at the head of some later line.
  const near = found !== null && found.startLine === previous.endLine;
  const span = near ? tokenSpan(context, found) : end;
  if (found && isArrow(found) && (expected === "a value" || expected === "an argument")) {
    return report("KDP0006", { arrow: found.image }, tokenSpan(context, found), { variant: "before" });
  }
  const arrow = arrowBefore(previous, context);
  if (arrow) {
    const notes = ["an arrow leads to a stage, such as `-> rank(top: 100)` or `-> student`"];
    return report("KDP0006", { arrow }, near ? span : tokenSpan(context, previous), { notes });
  }
  const text = INSERTABLE[expected];
  const goesOn = text === "()" || (near && /^[\w"[]/.test(found.image));
  const fixes = text && goesOn ? [fix(`add ${expected}`, end, text)] : [];
  const notes = expected === "`let`" ? ["an annotation such as `@run(gpu: 1)` belongs to the `let` behind it"] : [];
  return report("KDP0003", { expected, previous: tokenName(previous) }, span, { fixes, notes });
}

/** What can be added without knowing more, by the phrase that asks for it. */
const INSERTABLE: Readonly<Record<string, string>> = {
  "`=`": " =",
  "`:`": ":",
  "`{`": " {",
  "`from`": " from",
  "`(`": "()",
};

/** The arrow that nothing follows: `->` or `-> each`. */
function arrowBefore(previous: IToken, context: BuildContext): string | null {
  if (isArrow(previous)) return previous.image;
  const before = previous.image === "each" ? context.tokenBefore(previous.startOffset) : null;
  return before && isArrow(before) ? `${before.image} each` : null;
}

function isArrow(token: IToken): boolean {
  return token.tokenType === T.Arrow || token.tokenType === T.BadArrow;
}

function isReal(token: IToken): boolean {
  return token.image !== "" && !Number.isNaN(token.startOffset);
}

function virtualOffset(token: IToken): number | null {
  return Number.isNaN(token.startOffset) ? null : token.startOffset;
}
