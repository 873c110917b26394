import type { CstNode, IToken } from "chevrotain";
import { report } from "../diagnostics/create-diagnostic.js";
import type { Formal, Import, Name, Pipeline, SourceFile, StageDef, StringLiteral, Use } from "./ast.js";
import { type BuildContext, buildName, endOr, inSourceOrder, nodeSpan, partsOf, startOf } from "./build-context.js";
import { buildChain } from "./build-expressions.js";
import { buildLiteral, buildType } from "./build-literals.js";
import { buildStatement } from "./build-statements.js";
import type {
  FileCstNode,
  FormalCstNode,
  ImportCstNode,
  PipelineCstNode,
  StageCstNode,
  UseCstNode,
} from "./cst.generated.js";
import { reportMisplaced, reportStrayStatements, reportUnknown } from "./misplaced.js";
import { separated } from "./separators.js";
import { stringValue } from "./string-text.js";
import { tokenSpan } from "./syntax-context.js";
import { buildVersion } from "./version.js";

/** The tree of a whole file. Always one, whatever is wrong with the text. */
export function buildFile(node: FileCstNode, context: BuildContext): SourceFile {
  const parts = partsOf(node);
  const pipelines = (parts.pipeline ?? []).map((part) => buildPipeline(part, context));
  for (const part of parts.unknown ?? []) reportUnknown(part, "file", context);
  // Built although they have no place in the tree: the mistakes inside them are reported too.
  for (const part of parts.statement ?? []) buildStatement(part, context);
  reportStrayStatements(parts.statement ?? [], pipelines.length > 0, context);
  return {
    kind: "file",
    version: buildVersion(parts.version ?? [], firstStart(parts), context),
    uses: (parts.use ?? []).map((part) => buildUse(part, context)),
    imports: (parts.import ?? []).map((part) => buildImport(part, context)),
    stages: (parts.stage ?? []).map((part) => buildStage(part, context)),
    pipelines,
    span: context.span(0, context.text.length),
  };
}

function firstStart(parts: Readonly<Record<string, readonly CstNode[] | undefined>>): number {
  return Math.min(...Object.values(parts).map((nodes) => (nodes?.[0] ? startOf(nodes[0]) : Number.POSITIVE_INFINITY)));
}

function buildUse(node: UseCstNode, context: BuildContext): Use {
  const { Use: keyword, Text, As, Identifier } = partsOf(node);
  const span = nodeSpan(context, node, 0);
  const spec = stringLiteral(Text?.[0], endOr(keyword?.[0], span.start), context);
  const alias = As ? buildName(context, Identifier?.[0], endOr(As[0], spec.span.end)) : null;
  return { kind: "use", spec, alias, span };
}

function buildImport(node: ImportCstNode, context: BuildContext): Import {
  const parts = partsOf(node);
  const { Import: keyword, LCurly, Identifier, Text } = parts;
  const span = nodeSpan(context, node, 0);
  if (!LCurly) reportBraces(endOr(keyword?.[0], span.start), inSourceOrder(Identifier ?? []), context);
  const names = separated(Identifier, parts, { required: true, part: "the name of a stage", close: "}" }, context);
  return {
    kind: "import",
    names: names.map((name): Name => buildName(context, name, span.start)),
    from: stringLiteral(Text?.[0], span.end, context),
    span,
  };
}

/** `import a from "…"`, as JavaScript has it. */
function reportBraces(start: number, names: readonly IToken[], context: BuildContext): void {
  const first = names[0];
  const last = names.at(-1);
  const edits =
    first && last
      ? [
          { span: context.span(first.startOffset, first.startOffset), text: "{ " },
          { span: context.span(endOr(last, start), endOr(last, start)), text: " }" },
        ]
      : [];
  context.add(
    report("KDP0003", { expected: "`{`", previous: "`import`" }, context.span(start, start), {
      fixes: edits.length > 0 ? [{ title: "put the names in braces", edits }] : [],
    }),
  );
}

function stringLiteral(token: IToken | undefined, fallback: number, context: BuildContext): StringLiteral {
  if (!token || token.image === "") return { kind: "string", value: "", span: context.span(fallback, fallback) };
  return { kind: "string", value: stringValue(token.image), span: tokenSpan(context, token) };
}

function buildStage(node: StageCstNode, context: BuildContext): StageDef {
  const parts = partsOf(node);
  const { Stage: keyword, Identifier, formal, Equals, chain, RParen } = parts;
  const span = nodeSpan(context, node, 0);
  const afterName = endOr(Identifier?.[0], endOr(keyword?.[0], span.start));
  const formals = separated(formal, parts, { required: true, part: "an input", close: ")" }, context);
  return {
    kind: "stage-def",
    doc: context.docBefore(span.start),
    name: buildName(context, Identifier?.[0], afterName),
    formals: formals.map((part) => buildFormal(part, context)),
    body: buildChain(chain?.[0], endOr(Equals?.[0], endOr(RParen?.[0], afterName)), context),
    span,
  };
}

function buildFormal(node: FormalCstNode, context: BuildContext): Formal {
  const { Identifier, Colon, type, Equals, literal } = partsOf(node);
  const span = nodeSpan(context, node, 0);
  const declared = buildType(type?.[0], endOr(Colon?.[0], endOr(Identifier?.[0], span.start)), context);
  return {
    kind: "formal",
    name: buildName(context, Identifier?.[0], span.start),
    type: declared,
    default: Equals ? buildLiteral(literal?.[0], context, declared) : null,
    span,
  };
}

function buildPipeline(node: PipelineCstNode, context: BuildContext): Pipeline {
  const { Pipeline: keyword, Identifier, statement, misplaced, unknown } = partsOf(node);
  const span = nodeSpan(context, node, 0);
  for (const part of misplaced ?? []) reportMisplaced(part, context);
  for (const part of unknown ?? []) reportUnknown(part, "pipeline", context);
  return {
    kind: "pipeline",
    doc: context.docBefore(span.start),
    name: buildName(context, Identifier?.[0], endOr(keyword?.[0], span.start)),
    statements: inSourceOrder(statement ?? [])
      .map((part) => buildStatement(part, context))
      .filter((part) => part !== null),
    span,
  };
}
