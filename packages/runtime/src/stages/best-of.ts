import type { MetricDefinition } from "@kdp/plugin-api";
import { RuntimeFault } from "../faults.js";
import type { ArtefactReader } from "../store/artefact.js";
import { METRICS_TABLE, metricKey, metricsFromTable } from "../tables/metrics.js";
import { inputsOf, type StageContext, type StageExecutor } from "./stage.js";

/**
 * `best_of(kd, by: picks.ndcg@10, over: [seed])`: takes over the tables of the candidate with the best value on valid. Of
 * equal values the first in the order of the matrix wins; NaN never does. Facts: those of the winner, `winner` (its
 * position) and `values`.
 */
export const run: StageExecutor = async (context) => {
  const { node, output, plugins } = context;
  const key = node.params.by;
  if (typeof key !== "string") throw new Error(`node ${node.id} has no argument "by"`);
  const candidates = inputsOf(context, "candidates");
  const values = valuesOf(context, key);
  const winner = indexOfBest(values, await plugins.metricOf(key));
  const chosen = candidates[winner];
  if (!chosen) throw nothingToChoose(node.id, key);
  for (const { name } of chosen.artefact.meta.tables) output.table(name, chosen.artefact.table(name));
  output.facts({
    ...chosen.artefact.meta.facts,
    winner: chosen.index ?? winner,
    by: key,
    values: values.map((value) => (Number.isFinite(value) ? value : "not a number")),
  });
  output.note(`${chosen.node} won among ${candidates.length} by ${key} = ${values[winner]}`);
};

function valuesOf(context: StageContext, key: string): readonly number[] {
  return inputsOf(context, "by").map(({ artefact }) => valueIn(artefact, key));
}

function valueIn(artefact: ArtefactReader, key: string): number {
  const rows = metricsFromTable(artefact.table(METRICS_TABLE));
  const row = rows.find(
    (candidate) => metricKey(candidate) === key && candidate.group === "all" && candidate.epoch === null,
  );
  return row?.value ?? Number.NaN;
}

/** Position of the best value; -1 when there is none but NaN. */
export function indexOfBest(
  values: readonly number[],
  { higherIsBetter }: Pick<MetricDefinition, "higherIsBetter">,
): number {
  const worth = (index: number) => (higherIsBetter ? 1 : -1) * (values[index] as number);
  let best = -1;
  for (let i = 0; i < values.length; i++) {
    if (!Number.isNaN(values[i]) && (best < 0 || worth(i) > worth(best))) best = i;
  }
  return best;
}

function nothingToChoose(node: string, key: string): RuntimeFault {
  return new RuntimeFault({
    code: "KDP7110",
    kind: "user",
    message: `no candidate has a value of ${key}`,
    place: node,
    fix: "choose by a metric that is measured on users with valid events",
  });
}
