import type { RunManifest } from "@kdp/runtime";
import { formatDelta, formatMetric, plural } from "../../text/format.js";
import { chiefMetric, goodness, outcomeOf, type ScoreRow, type ScoreTable } from "./scores.js";

export interface Verdict {
  readonly tone: "good" | "bad" | "neutral";
  readonly headline: string;
  /** The figures behind the headline. */
  readonly detail: string;
}

/** What the run says in a sentence or two, from the numbers alone; never kinder than they are. */
export function verdictOf(manifest: RunManifest, tables: readonly ScoreTable[]): Verdict {
  if (manifest.exitCode === 130 || manifest.exitCode === 143) {
    const done = manifest.nodes.filter((node) => node.status === "ran" || node.status === "hit").length;
    return {
      tone: "bad",
      headline: "Interrupted",
      detail: `${done} of ${plural(manifest.nodes.length, "node")} are done and kept; trainings go on from their last checkpoint.`,
    };
  }
  const failed = manifest.nodes.filter((node) => node.status === "failed");
  if (failed.length > 0) {
    const skipped = manifest.nodes.filter((node) => node.status === "skipped").length;
    return {
      tone: "bad",
      headline: `${plural(failed.length, "node")} failed`,
      detail: `${failed.map((node) => node.id).join(", ")}${skipped > 0 ? `; ${skipped} more could not run` : ""}. Everything computed before is kept.`,
    };
  }
  const table = tables.find((candidate) => candidate.rows.some((row) => row.deltas.size > 0)) ?? tables[0];
  const metric = table && chiefMetric(manifest, table);
  const broken = manifest.gates.filter((gate) => gate.status === "failed").length;
  if (!table || !metric) {
    return broken > 0
      ? { tone: "bad", headline: `${plural(broken, "gate")} not met`, detail: "" }
      : { tone: "neutral", headline: "Run complete", detail: "Nothing was evaluated." };
  }
  const compared = table.rows.filter((row) => row.deltas.has(metric));
  const verdict = compared.length > 0 ? comparison(compared, metric, table) : bestOf(table, metric);
  if (broken === 0) return verdict;
  return {
    tone: "bad",
    headline: `${plural(broken, "gate")} not met`,
    detail: `${verdict.headline}. ${verdict.detail}`,
  };
}

function comparison(rows: readonly ScoreRow[], metric: string, table: ScoreTable): Verdict {
  const gain = (row: ScoreRow): number => goodness(row.deltas.get(metric)?.mean ?? 0, metric, table);
  const best = rows.reduce((a, b) => (gain(b) > gain(a) ? b : a));
  const figures = figuresOf(best, metric);
  const many = rows.length > 1;
  const better = rows.filter((row) => outcomeOf(row, metric, table) === "better").length;
  if (better > 0) {
    const headline = !many
      ? "The distilled student beats the plain one"
      : better === rows.length
        ? `All ${rows.length} distilled students beat the plain one`
        : `${better} of ${rows.length} distilled students beat the plain one`;
    return { tone: "good", headline, detail: many ? `Best is ${figures}` : figures };
  }
  const who = many ? "The best distilled student" : "The distilled student";
  if (gain(best) > 0) {
    const seeds = best.deltas.get(metric)?.n ?? 0;
    const why = seeds > 1 ? "by no more than the seeds differ" : "on the one seed that was run";
    return { tone: "neutral", headline: `${who} is ahead of the plain one ${why}`, detail: figures };
  }
  return {
    tone: "bad",
    headline: "Distillation did not beat the plain student",
    detail: many ? `Best is ${figures}` : figures,
  };
}

function figuresOf(row: ScoreRow, metric: string): string {
  const delta = row.deltas.get(metric);
  const spread = delta?.sd === null || delta?.sd === undefined ? "" : ` ± ${formatMetric(delta.sd)}`;
  const seeds = delta && delta.n > 1 ? ` over ${delta.n} seeds` : ", one seed";
  return (
    `${row.series.label}: ${metric} ${formatMetric(row.cells.get(metric)?.summary.mean)}, ` +
    `${formatDelta(delta?.mean ?? 0)}${spread} against ${row.baseline?.label ?? "plain"}${seeds}.`
  );
}

function bestOf(table: ScoreTable, metric: string): Verdict {
  const measured = table.rows.filter((row) => row.cells.has(metric));
  const value = (row: ScoreRow): number => row.cells.get(metric)?.summary.mean ?? Number.NaN;
  const good = (row: ScoreRow): number => goodness(value(row), metric, table);
  const [first] = measured;
  if (!first) return { tone: "neutral", headline: "Run complete", detail: "" };
  const best = measured.reduce((a, b) => (good(b) > good(a) ? b : a), first);
  return {
    tone: "neutral",
    headline: "Run complete",
    detail: `Best ${metric}: ${best.series.label} with ${formatMetric(value(best))}.`,
  };
}
