// What the checks of this folder share: reading manifests of runs, means, tables.
import { readFileSync } from "node:fs";

/** `check.mjs MANIFEST… GOLDEN`, or the usage and exit code 2. */
export function readArguments(script) {
  const files = process.argv.slice(2);
  if (files.length < 2) {
    process.stderr.write(`usage: node bench/papers/${script} MANIFEST… GOLDEN (manifest.json of one or more runs)\n`);
    process.exit(2);
  }
  const [golden, ...manifests] = files.reverse().map((file) => JSON.parse(readFileSync(file, "utf8")));
  return { golden, manifests: manifests.reverse() };
}

/**
 * Values of runs with the model that they are of. One seed of one model may stand in several runs: it counts once.
 * @returns {{ metric: string, candidates: number | null, epoch: number | null, value: number, method: string, dim: number, seed: number }[]}
 */
export function measured(manifests) {
  const rows = new Map();
  for (const { nodes, metrics } of manifests) {
    const byId = new Map(nodes.map((node) => [node.id, node]));
    for (const row of metrics) {
      if (row.group !== "all" || row.split !== "test") continue;
      const evaluation = byId.get(row.node);
      const model = byId.get(evaluation.inputs.find(({ port }) => port === "model").node);
      const { dim, seed } = model.params;
      const taught = model.lesson?.losses.map(({ stage }) => stage).join("+");
      const found = {
        metric: `${row.metric}@${row.cutoff}`,
        candidates: evaluation.params.candidates,
        epoch: row.epoch ?? null,
        value: row.value,
        method: taught ?? (model.name === "teacher" ? "teacher" : "plain"),
        dim,
        seed,
      };
      rows.set(JSON.stringify({ ...found, value: null }), found);
    }
  }
  return [...rows.values()];
}

export const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;

/** Sample standard deviation; null for a single value. */
export function deviation(values) {
  if (values.length < 2) return null;
  const center = mean(values);
  return Math.sqrt(values.reduce((sum, value) => sum + (value - center) ** 2, 0) / (values.length - 1));
}

export const spread = (values) => {
  const sd = deviation(values);
  return mean(values).toFixed(4) + (sd === null ? "" : ` ± ${sd.toFixed(4)}`);
};

export const signed = (value) => `${value < 0 ? "−" : "+"}${Math.abs(value).toFixed(4)}`;

export function table(titles, rows) {
  const line = (cells) => `| ${cells.join(" | ")} |\n`;
  process.stdout.write(`${line(titles)}${line(titles.map(() => "---"))}${rows.map(line).join("")}\n`);
}

/** Prints the gates and ends the process: 0 when all hold, else 1. */
export function finish(gates) {
  for (const [text, holds] of gates) process.stdout.write(`${holds ? "✓" : "✗"} ${text}\n`);
  process.exit(gates.every(([, holds]) => holds) ? 0 : 1);
}

export function noRows(what) {
  process.stderr.write(`no ${what} in these manifests\n`);
  process.exit(2);
}
