import type { CstNode, IToken } from "chevrotain";
import { fix, report } from "../diagnostics/create-diagnostic.js";
import type { Expect, Export, Let, Matrix, Param, Statement } from "./ast.js";
import { type BuildContext, buildName, endOr, nodeSpan, partsOf } from "./build-context.js";
import { buildArgs, buildChain, buildSum } from "./build-expressions.js";
import { buildLiteral, buildType } from "./build-literals.js";
import type {
  AxisCstNode,
  ExcludeCstNode,
  ExpectCstNode,
  ExportCstNode,
  LetCstNode,
  MatrixCstNode,
  ParamCstNode,
  StatementCstNode,
} from "./cst.generated.js";
import { comparisonOf, suggestOperator } from "./lexical-errors.js";
import { separated } from "./separators.js";
import { stringValue } from "./string-text.js";
import { tokenSpan } from "./syntax-context.js";

export function buildStatement(node: StatementCstNode, context: BuildContext): Statement | null {
  const { param, matrix, let: lets, expect, export: exports } = partsOf(node);
  if (param?.[0]) return buildParam(param[0], context);
  if (matrix?.[0]) return buildMatrix(matrix[0], context);
  if (lets?.[0]) return buildLet(lets[0], context);
  if (expect?.[0]) return buildExpect(expect[0], context);
  if (exports?.[0]) return buildExport(exports[0], context);
  return null;
}

function buildParam(node: ParamCstNode, context: BuildContext): Param {
  const { Param: keyword, Identifier, Colon, type, Equals, literal, range } = partsOf(node);
  const span = nodeSpan(context, node, 0);
  const afterName = endOr(Identifier?.[0], endOr(keyword?.[0], span.start));
  const limits = range?.[0];
  const [low, high] = limits ? (partsOf(limits).literal ?? []) : [];
  const declared = buildType(type?.[0], endOr(Colon?.[0], afterName), context);
  const lowValue = buildLiteral(low, context, declared);
  const highValue = buildLiteral(high, context, declared);
  return {
    kind: "param",
    doc: context.docBefore(span.start),
    name: buildName(context, Identifier?.[0], endOr(keyword?.[0], span.start)),
    type: declared,
    default: Equals ? buildLiteral(literal?.[0], context, declared) : null,
    range:
      limits && lowValue && highValue
        ? { low: lowValue, high: highValue, span: nodeSpan(context, limits, span.end) }
        : null,
    span,
  };
}

function buildMatrix(node: MatrixCstNode, context: BuildContext): Matrix {
  const list = partsOf(node);
  const span = nodeSpan(context, node, 0);
  const entries = separated(list.entry, list, { required: false, part: "an axis", close: "}" }, context).map(partsOf);
  const axes = entries.flatMap(({ axis = [] }) => axis.map((part) => buildAxis(part, context)));
  const excludes = entries.flatMap(({ exclude = [] }) => exclude.map((part) => buildExclude(part, context)));
  return { kind: "matrix", axes, excludes, span };
}

function buildAxis(node: AxisCstNode, context: BuildContext): Matrix["axes"][number] {
  const { Identifier, Colon, literal } = partsOf(node);
  const span = nodeSpan(context, node, 0);
  const after = endOr(Colon?.[0], endOr(Identifier?.[0], span.start));
  const value = buildLiteral(literal?.[0], context);
  const name = buildName(context, Identifier?.[0], span.start);
  if (!value) return { name, values: { kind: "list-literal", items: [], span: context.span(after, after) }, span };
  if (value.kind === "list-literal") return { name, values: value, span };
  const { start, end } = value.span;
  const edits = [
    { span: context.span(start, start), text: "[" },
    { span: context.span(end, end), text: "]" },
  ];
  context.add(
    report("KDP0003", { expected: "a list of values", previous: "`:`" }, value.span, {
      fixes: [{ title: "put it in brackets", edits }],
    }),
  );
  return { name, values: { kind: "list-literal", items: [value], span: value.span }, span };
}

function buildExclude(node: ExcludeCstNode, context: BuildContext): Matrix["excludes"][number] {
  const list = partsOf(node);
  const entries = separated(list.excludeEntry, list, { required: true, part: "an axis", close: "}" }, context);
  return {
    entries: entries.flatMap((entry) => {
      const { Identifier, literal } = partsOf(entry);
      const value = buildLiteral(literal?.[0], context);
      return value ? [{ name: buildName(context, Identifier?.[0], value.span.start), value }] : [];
    }),
    span: nodeSpan(context, node, 0),
  };
}

function buildLet(node: LetCstNode, context: BuildContext): Let {
  const { annotation, Let: keyword, Identifier, Colon, type, Equals, chain } = partsOf(node);
  const span = nodeSpan(context, node, 0);
  const afterName = endOr(Identifier?.[0], endOr(keyword?.[0], span.start));
  return {
    kind: "let",
    doc: context.docBefore(span.start),
    annotations: (annotation ?? []).map((part) => {
      const { At, Identifier: word, args } = partsOf(part);
      const place = nodeSpan(context, part, span.start);
      return {
        name: buildName(context, word?.[0], endOr(At?.[0], place.start)),
        args: args?.[0] ? buildArgs(args[0], context) : [],
        span: place,
      };
    }),
    name: buildName(context, Identifier?.[0], afterName),
    type: Colon ? buildType(type?.[0], endOr(Colon[0], afterName), context) : null,
    value: buildChain(chain?.[0], endOr(Equals?.[0], afterName), context),
    span,
  };
}

const COMPARISONS: readonly Expect["op"][] = ["<", "<=", ">", ">=", "==", "!="];

function buildExpect(node: ExpectCstNode, context: BuildContext): Expect {
  const { Expect: keyword, sum, Compare, Equals, otherwise, Text } = partsOf(node);
  const span = nodeSpan(context, node, 0);
  // A side that is missing has no place, but its turn: the order is that of the grammar.
  const [first, second] = sum ?? [];
  const left = buildSum(first, endOr(keyword?.[0], span.start), context);
  const equals = Equals?.[0];
  if (equals && equals.image === "=") suggestOperator(equals, "==", context);
  const operator = Compare?.[0] ?? equals;
  const image = operator && operator.image !== "" ? comparisonOf(operator.image) : ">=";
  const after = endOr(operator, left.span.end);
  reportRepeated(otherwise, "`else`", context);
  reportRepeated(Text, "message", context);
  return {
    kind: "expect",
    left,
    op: COMPARISONS.find((known) => known === image) ?? "==",
    opSpan: operator && operator.image !== "" ? tokenSpan(context, operator) : context.span(after, after),
    right: buildSum(second, after, context),
    onFailure: buildOtherwise(node, context),
    message: Text?.[0] && Text[0].image !== "" ? stringValue(Text[0].image) : null,
    span,
  };
}

function buildOtherwise(node: ExpectCstNode, context: BuildContext): Expect["onFailure"] {
  const part = partsOf(node).otherwise?.[0];
  const word = part && partsOf(part).Identifier?.[0];
  if (!word || word.image === "" || word.image === "fail") return "fail";
  if (word.image === "warn") return "warn";
  const span = tokenSpan(context, word);
  const params = { expected: "`warn` or `fail`", previous: "`else`" };
  context.add(report("KDP0003", params, span, { fixes: [fix("write `warn`", span, "warn")] }));
  return "fail";
}

function reportRepeated(parts: readonly (CstNode | IToken)[] | undefined, part: string, context: BuildContext): void {
  const extra = parts?.[1];
  if (!extra) return;
  const span = "tokenType" in extra ? tokenSpan(context, extra) : nodeSpan(context, extra, 0);
  context.add(report("KDP0003", { part }, span, { variant: "repeated", fixes: [fix("remove it", span, "")] }));
}

function buildExport(node: ExportCstNode, context: BuildContext): Export {
  const { Export: keyword, Identifier, Equals, chain } = partsOf(node);
  const span = nodeSpan(context, node, 0);
  const afterName = endOr(Identifier?.[0], endOr(keyword?.[0], span.start));
  return {
    kind: "export",
    name: buildName(context, Identifier?.[0], afterName),
    value: buildChain(chain?.[0], endOr(Equals?.[0], afterName), context),
    span,
  };
}
