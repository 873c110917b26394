import type { IToken } from "chevrotain";
import { fix, report } from "../diagnostics/create-diagnostic.js";
import type { Arg, Binary, Expr, Name } from "./ast.js";
import { type BuildContext, buildName, endOr, inSourceOrder, nodeSpan, partsOf } from "./build-context.js";
import { buildScalar } from "./build-literals.js";
import type {
  ArgsCstNode,
  ChainCstNode,
  ElementCstNode,
  ListCstNode,
  OperandCstNode,
  OverCstNode,
  PostfixCstNode,
  SumCstNode,
} from "./cst.generated.js";
import { separated } from "./separators.js";
import { tokenName, tokenSpan } from "./syntax-context.js";

function missing(at: number, context: BuildContext): Expr {
  return { kind: "missing", span: context.span(at, at) };
}

/** `a -> b -> each c`, grouped to the left. `at` is where the expression should have been, if it is not there. */
export function buildChain(node: ChainCstNode | undefined, at: number, context: BuildContext): Expr {
  if (!node) return missing(at, context);
  const { sum, link } = partsOf(node);
  let left = buildSum(sum?.[0], at, context);
  for (const step of link ?? []) {
    const { Arrow, Each, sum: target } = partsOf(step);
    const arrow = Arrow?.[0];
    const afterArrow = endOr(Each?.[0], endOr(arrow, left.span.end));
    const right = buildSum(target?.[0], afterArrow, context);
    left = {
      kind: "chain",
      left,
      right,
      each: Each !== undefined,
      arrow: arrow ? tokenSpan(context, arrow) : context.span(left.span.end, left.span.end),
      span: context.span(left.span.start, Math.max(afterArrow, right.span.end)),
    };
  }
  return left;
}

const PRECEDENCE: Readonly<Record<Binary["op"], number>> = { "+": 1, "-": 1, "*": 2, "/": 2 };

const OPERATOR: Readonly<Record<string, Binary["op"]>> = {
  ...{ Plus: "+", Minus: "-", BadMinus: "-", Times: "*", Divide: "/" },
};

/** Operands and operators in a row to a tree: `*` and `/` bind tighter, equals group to the left. */
export function buildSum(node: SumCstNode | undefined, at: number, context: BuildContext): Expr {
  if (!node) return missing(at, context);
  const parts = partsOf(node);
  const first = buildOperand(parts.operand?.[0], at, context);
  if (!parts.Plus && !parts.Minus && !parts.Times && !parts.Divide) return first;

  const { operand: operands = [], Plus = [], Minus = [], Times = [], Divide = [] } = parts;
  const operators = inSourceOrder([...Plus, ...Minus, ...Times, ...Divide]);
  const values: Expr[] = [first];
  const pending: IToken[] = [];
  const fold = () => {
    const token = pending.pop()!;
    const right = values.pop()!;
    const left = values.pop()!;
    const span = context.span(left.span.start, Math.max(left.span.end, right.span.end));
    values.push({ kind: "binary", op: operatorOf(token), opSpan: tokenSpan(context, token), left, right, span });
  };
  operators.forEach((token, index) => {
    while (pending.length > 0 && PRECEDENCE[operatorOf(pending.at(-1)!)] >= PRECEDENCE[operatorOf(token)]) fold();
    pending.push(token);
    values.push(buildOperand(operands[index + 1], endOr(token, at), context));
  });
  while (pending.length > 0) fold();
  return values[0]!;
}

function operatorOf(token: IToken): Binary["op"] {
  return OPERATOR[token.tokenType.name] ?? "+";
}

function buildOperand(node: OperandCstNode | undefined, at: number, context: BuildContext): Expr {
  if (!node) return missing(at, context);
  const parts = partsOf(node);
  const sign = parts.Minus?.[0] ?? parts.Plus?.[0];
  let value = buildPrimary(node, endOr(sign, at), context);
  for (const step of parts.postfix ?? []) value = buildPostfix(value, step, context);
  if (!sign) return value;
  const op = operatorOf(sign) === "-" ? "-" : "+";
  return {
    kind: "unary",
    op,
    operand: value,
    span: context.span(sign.startOffset, Math.max(value.span.end, endOr(sign, at))),
  };
}

function buildPrimary(node: OperandCstNode, at: number, context: BuildContext): Expr {
  const { Identifier, Metric, scalar, list, group } = partsOf(node);
  const name = Identifier?.[0];
  if (name && name.image !== "")
    return { kind: "name", name: buildName(context, name, at), span: tokenSpan(context, name) };
  const metric = Metric?.[0];
  if (metric && metric.image !== "") return metricRef(metric, context);
  if (scalar?.[0]) return buildScalar(scalar[0], context) ?? missing(at, context);
  if (list?.[0]) return buildList(list[0], at, context);
  const inner = group?.[0];
  if (!inner) return missing(at, context);
  const { LParen, chain } = partsOf(inner);
  const value = buildChain(chain?.[0], endOr(LParen?.[0], at), context);
  // The parentheses belong to the place of the value, so that the text of a span is always an expression by itself.
  return { ...value, span: nodeSpan(context, inner, at) };
}

/** `ndcg@10`. A metric whose cut-off is missing has the cut-off NaN; its mistake is reported with the token. */
function metricRef(token: IToken, context: BuildContext): Expr & { kind: "metric" } {
  const at = token.image.indexOf("@");
  const cutoff = token.image.slice(at + 1).trim();
  return {
    kind: "metric",
    metric: token.image.slice(0, at).trim(),
    cutoff: /^\d+$/.test(cutoff) ? Number(cutoff) : Number.NaN,
    span: tokenSpan(context, token),
  };
}

function buildPostfix(value: Expr, node: PostfixCstNode, context: BuildContext): Expr {
  const { Dot, Identifier, Metric, args } = partsOf(node);
  const call = args?.[0];
  if (call) {
    const end = nodeSpan(context, call, value.span.end).end;
    return { kind: "call", callee: value, args: buildArgs(call, context), span: context.span(value.span.start, end) };
  }
  const after = endOr(Dot?.[0], value.span.end);
  const metric = Metric?.[0];
  const member =
    metric && metric.image !== "" ? metricRef(metric, context) : buildName(context, Identifier?.[0], after);
  const end = Math.max(after, member.span.end);
  return { kind: "member", object: value, member, span: context.span(value.span.start, end) };
}

// --- lists and arguments ----------------------------------------------------------------------------------------------

export function buildList(node: ListCstNode, at: number, context: BuildContext): Expr {
  const list = partsOf(node);
  const parts = separated(list.element, list, { required: true, part: "a value", close: "]" }, context);
  return {
    kind: "list",
    elements: parts.map((part) => buildElement(part, at, context)),
    span: nodeSpan(context, node, at),
  };
}

export function buildArgs(node: ArgsCstNode, context: BuildContext): readonly Arg[] {
  const list = partsOf(node);
  const start = nodeSpan(context, node, 0).start;
  const parts = separated(list.element, list, { required: true, part: "an argument", close: ")" }, context);
  return parts.map((part) => buildElement(part, start, context));
}

function buildElement(node: ElementCstNode, at: number, context: BuildContext): Arg {
  const { label, chain, over } = partsOf(node);
  const span = nodeSpan(context, node, at);
  const given = label?.[0] && partsOf(label[0]);
  const name = given?.Identifier?.[0];
  const equals = given?.Equals?.[0];
  if (name && equals && equals.image !== "") reportEqualsLabel(name, equals, context);
  const colon = given?.Colon?.[0] ?? equals;
  const value = buildChain(chain?.[0], endOr(colon, span.start), context);
  return {
    kind: "arg",
    label: name ? buildName(context, name, span.start) : null,
    value,
    over: over?.[0] ? buildOver(over[0], value.span.end, context) : null,
    span: context.span(span.start, Math.max(span.end, value.span.end)),
  };
}

function reportEqualsLabel(name: IToken, equals: IToken, context: BuildContext): void {
  const span = tokenSpan(context, equals);
  const gap = context.text.slice(name.startOffset + name.image.length, equals.startOffset);
  const whole = context.span(span.start - gap.length, span.end);
  const spaced = /\s/.test(context.text.charAt(span.end)) ? ":" : ": ";
  context.add(
    report("KDP0003", { text: equals.image }, span, {
      variant: "operator",
      label: `write ${tokenName(name).slice(0, -1)}: …\``,
      fixes: [fix("write `:`", whole, spaced)],
    }),
  );
}

function buildOver(node: OverCstNode, at: number, context: BuildContext): readonly Name[] {
  const { Identifier, overList } = partsOf(node);
  const list = overList?.[0];
  if (!list) return Identifier ? [buildName(context, Identifier[0], at)] : [];
  const axes = partsOf(list);
  const rules = { required: true, part: "an axis", close: "]" } as const;
  return separated(axes.Identifier, axes, rules, context).map((axis) => buildName(context, axis, at));
}
