import type { IToken } from "chevrotain";
import { fix, report } from "../diagnostics/create-diagnostic.js";
import type { Span } from "../diagnostics/diagnostic.js";
import type { ListLiteral, Literal, TypeExpr } from "./ast.js";
import { type BuildContext, buildName, inSourceOrder, nodeSpan, partsOf } from "./build-context.js";
import type {
  AlternativeCstNode,
  LiteralCstNode,
  LiteralListCstNode,
  ScalarCstNode,
  TypeCstNode,
} from "./cst.generated.js";
import { bytesOf, mendNumber, secondsOf } from "./number-text.js";
import { separated } from "./separators.js";
import { quoteString, stringValue } from "./string-text.js";
import { tokenSpan } from "./syntax-context.js";

/**
 * A literal where the grammar allows nothing else; null when recovery found none.
 *
 * @param type what was declared, where something was: a word under `int` is no string that lacks its quotes
 */
export function buildLiteral(
  node: LiteralCstNode | undefined,
  context: BuildContext,
  type: TypeExpr | null = null,
): Literal | null {
  if (!node) return null;
  const { Minus, scalar, literalList, Identifier } = partsOf(node);
  if (literalList?.[0]) return buildLiteralList(literalList[0], context);
  // An empty name stands in for something that has its own message.
  if (Identifier?.[0]) return Identifier[0].image === "" ? null : bareWord(Identifier[0], context, type);
  const value = scalar?.[0] && buildScalar(scalar[0], context);
  const minus = Minus?.[0];
  if (!value || !minus) return value ?? null;
  const span = context.span(minus.startOffset, value.span.end);
  if (value.kind === "number") return { ...value, value: -value.value, text: `-${value.text}`, span };
  context.add(
    report("KDP0003", { expected: "a number", previous: "`-`" }, value.span, {
      fixes: [fix("remove the minus", tokenSpan(context, minus), "")],
    }),
  );
  return value;
}

/** What stands for a value of a type that takes no strings. */
const WORDLESS: Readonly<Record<string, string>> = { int: "a number", float: "a number", bool: "`true` or `false`" };
const BOOLEANS: Readonly<Record<string, string>> = { yes: "true", on: "true", no: "false", off: "false" };

/** `param x: string = foo`: a string without its quotes. `param x: int = foo`: nothing that could be guessed. */
function bareWord(token: IToken, context: BuildContext, type: TypeExpr | null): Literal | null {
  const span = tokenSpan(context, token);
  const before = context.tokenBefore(token.startOffset);
  const previous = before ? `\`${before.image}\`` : "the start";
  const wordless = wordlessOf(type);
  if (wordless !== null) {
    const meant = wordless === WORDLESS.bool ? wordAsBoolean(token.image) : null;
    const fixes = meant === null ? [] : [fix(`write \`${meant}\``, span, meant)];
    const notes = ["only constants can stand here"];
    context.add(report("KDP0003", { expected: wordless, previous }, span, { notes, fixes }));
    return null;
  }
  const params = { expected: "a number, a string, `true`, `false` or a list of these", previous };
  const text = quoteString(token.image);
  context.add(
    report("KDP0003", params, span, {
      notes: ["only constants can stand here, and strings are written in quotes"],
      fixes: [fix(`write \`${text}\``, span, text)],
    }),
  );
  return { kind: "string", value: token.image, span };
}

function wordlessOf(type: TypeExpr | null): string | null {
  const [only, ...others] = type?.alternatives ?? [];
  if (only?.kind !== "named" || others.length > 0 || !Object.hasOwn(WORDLESS, only.name.text)) return null;
  return only.list ? "a list in `[` and `]`" : (WORDLESS[only.name.text] ?? null);
}

function wordAsBoolean(word: string): string | null {
  const lower = word.toLowerCase();
  if (lower === "true" || lower === "false") return lower;
  return Object.hasOwn(BOOLEANS, lower) ? (BOOLEANS[lower] ?? null) : null;
}

export function buildLiteralList(node: LiteralListCstNode, context: BuildContext): ListLiteral {
  const list = partsOf(node);
  const parts = separated(list.literal, list, { required: true, part: "a value", close: "]" }, context);
  const items = parts.map((part) => buildLiteral(part, context)).filter((item) => item !== null);
  return { kind: "list-literal", items, span: nodeSpan(context, node, 0) };
}

/** The literal of one token. A number that is none becomes what it was probably meant to be, or 0. */
export function buildScalar(node: ScalarCstNode, context: BuildContext): Literal | null {
  const parts = partsOf(node);
  const numberToken = parts.Int?.[0] ?? parts.Float?.[0];
  if (numberToken) return numberLiteral(numberToken.image, tokenSpan(context, numberToken));
  const text = parts.Text?.[0];
  if (text) return { kind: "string", value: stringValue(text.image), span: tokenSpan(context, text) };
  const bool = parts.True?.[0] ?? parts.False?.[0];
  if (bool) return { kind: "bool", value: bool.image === "true", span: tokenSpan(context, bool) };
  const duration = parts.Duration?.[0];
  if (duration) return { kind: "duration", ...secondsOf(duration.image), span: tokenSpan(context, duration) };
  const bytes = parts.Bytes?.[0];
  if (bytes) return { kind: "bytes", ...bytesOf(bytes.image), span: tokenSpan(context, bytes) };
  const bad = parts.BadNumber?.[0];
  return bad ? mended(bad, context) : null;
}

function mended(token: IToken, context: BuildContext): Literal {
  const span = tokenSpan(context, token);
  const guess = mendNumber(token.image);
  if (guess.kind === "duration") return { kind: "duration", ...secondsOf(guess.text), span };
  if (guess.kind === "bytes") return { kind: "bytes", ...bytesOf(guess.text), span };
  return numberLiteral(guess.kind === "number" ? guess.text : "0", span);
}

function numberLiteral(text: string, span: Span): Literal {
  return { kind: "number", value: Number(text), integer: /^\d+$/.test(text), text, span };
}

// --- types ----------------------------------------------------------------------------------------------------------

/** A type; without one, a type of a single missing name at `fallback`. */
export function buildType(node: TypeCstNode | undefined, fallback: number, context: BuildContext): TypeExpr {
  const parts = node ? inSourceOrder(partsOf(node).alternative ?? []) : [];
  const span = node ? nodeSpan(context, node, fallback) : context.span(fallback, fallback);
  const alternatives = parts.map((part) => buildAlternative(part, span.end, context));
  if (alternatives.length > 0) return { kind: "type", alternatives, span };
  return {
    kind: "type",
    alternatives: [{ kind: "named", name: buildName(context, undefined, fallback), list: false }],
    span,
  };
}

function buildAlternative(
  node: AlternativeCstNode,
  fallback: number,
  context: BuildContext,
): TypeExpr["alternatives"][number] {
  const { Text, Identifier, LSquare } = partsOf(node);
  const text = Text?.[0];
  if (text && text.image !== "")
    return { kind: "value", value: stringValue(text.image), span: tokenSpan(context, text) };
  return { kind: "named", name: buildName(context, Identifier?.[0], fallback), list: LSquare !== undefined };
}
