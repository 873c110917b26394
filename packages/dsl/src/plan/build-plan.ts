import { cellSuffix } from "../semantics/axes.js";
import { typeText } from "../semantics/declared-types.js";
import type { OpenGateExpr } from "../semantics/gates/operand.js";
import { type Node, planInput } from "../semantics/node-table.js";
import type { EvaluatedPipeline } from "../semantics/pipeline/pipeline.js";
import { reachableNodes } from "../semantics/pipeline/reachable.js";
import { originsOf, valuesOf } from "../semantics/stages/loss.js";
import type { Value } from "../semantics/values.js";
import type { GateExpr, ParamValue, Plan, PlanNode, ResolvedParam } from "./plan.js";

const nodeId = (node: Node): string => `${node.name}${cellSuffix(node.cell)}`;

/** The plan of a pipeline without errors. */
export function buildPlan(pipeline: EvaluatedPipeline): Plan {
  const { ast, session, matrix, gates, exports } = pipeline;
  const { roots, all } = reachableNodes(pipeline);
  return {
    pipeline: ast.name.text,
    doc: ast.doc,
    params: resolvedParams(pipeline),
    axes: matrix.axes,
    cells: matrix.cells,
    nodes: session.nodes.nodes.filter((node) => all.has(node)).map(planNode),
    gates: gates.map(({ ast: gate, text, instances }) => ({
      text,
      op: gate.op,
      onFailure: gate.onFailure,
      message: gate.message,
      span: gate.span,
      instances: instances.map(({ cell, left, right }) => ({
        cell,
        left: closeExpr(left.expr),
        right: closeExpr(right.expr),
      })),
    })),
    exports: exports.map(({ ast: item, name, formats, card, instances }) => ({
      name,
      instances: instances.map(({ cell, node }) => ({ cell, node: nodeId(node) })),
      formats,
      card,
      span: item.span,
    })),
    roots: roots.map(nodeId),
  };
}

function planNode(node: Node): PlanNode {
  return {
    id: nodeId(node),
    name: node.name,
    aliases: node.aliases,
    stage: node.stage,
    plugin: node.plugin,
    kind: node.kind,
    type: node.type,
    cell: node.cell,
    params: valuesOf(node.params),
    origins: originsOf(node.params),
    lesson: node.lesson,
    inputs: node.inputs.map((input) => planInput(input, nodeId)),
    files: node.files,
    run: node.run,
    span: node.span,
  };
}

function closeExpr(expr: OpenGateExpr): GateExpr {
  switch (expr.kind) {
    case "number":
      return expr;
    case "leaf": {
      const { measure, ref } = expr.value;
      const node = nodeId(ref.node);
      return measure.kind === "metric"
        ? { kind: "metric", node, key: measure.key }
        : { kind: "attribute", node, attribute: measure.name };
    }
    case "unary":
      return { kind: "unary", op: "-", operand: closeExpr(expr.operand) };
    case "binary":
      return { ...expr, left: closeExpr(expr.left), right: closeExpr(expr.right) };
    case "aggregate":
      return { ...expr, items: expr.items.map(closeExpr) };
    case "baseline":
      return { ...expr, operand: closeExpr(expr.operand) };
  }
}

function resolvedParams({ params, matrix }: EvaluatedPipeline): readonly ResolvedParam[] {
  return [...params.values()].map(({ ast, value, origin }) => {
    const isAxis = Object.hasOwn(matrix.axes, ast.name.text);
    return {
      name: ast.name.text,
      type: typeText(ast.type),
      doc: ast.doc,
      value: isAxis ? null : paramValue(value),
      origin: isAxis ? null : origin,
    };
  });
}

function paramValue(value: Value): ParamValue {
  if (value.kind === "literal") return value.value;
  return value.kind === "list" ? value.elements.map((element) => paramValue(element.value)) : null;
}
