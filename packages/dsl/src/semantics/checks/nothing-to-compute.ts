import { report } from "../../diagnostics/create-diagnostic.js";
import { landingOf } from "../node-table.js";
import type { EvaluatedPipeline } from "../pipeline/pipeline.js";
import { isRoot } from "../pipeline/reachable.js";
import { eventsInSight } from "../ports.js";
import type { Reporter } from "../reporter.js";
import type { Value } from "../values.js";

/** KDP1109: a pipeline without a result. A run of it would do nothing, and succeed. */
export function checkHasResult({ ast, lets, matrix }: EvaluatedPipeline, reporter: Reporter): void {
  const { name } = ast;
  if (name.missing || ast.statements.some(({ kind }) => kind === "expect" || kind === "export")) return;
  if (lets.lets.some((_, index) => lets.valuesOf(index).some(isRoot))) return;
  const model = lets.lets.findLast((_, index) => lets.valuesOf(index).some(isModel))?.name.text ?? "model";
  const events = eventsInSight(lets.frame(matrix.cells[0] ?? {}, landingOf(name.text)), "test") ?? "split.test";
  const example = `let scores = ${model} -> evaluate(on: ${events}, metrics: [ndcg@10])`;
  const notes = [`a run computes what \`evaluate\`, \`expect\` and \`export\` need, so write \`${example}\``];
  reporter.add(report("KDP1109", { name: name.text }, name.span, { notes }));
}

const isModel = (value: Value): boolean => value.kind === "ref" && value.type.kind === "Model";
