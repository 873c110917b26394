// Compares the curves of a run of pipelines/papers/td-*.kdp with the published ones.
//
//   node bench/papers/check-td.mjs MANIFEST GOLDEN   (manifest.json of the run; td-curves.json)
//
// Bounds, on the published epochs 60 … 100: 95 % of the points within .010, none beyond .016, each curve's mean deviation
// within .008. A pooled deviation between seeds above .0035 is reported. Exit code 1 when a bound is missed.
import { readFileSync } from "node:fs";

const [manifestFile, goldenFile] = process.argv.slice(2);
if (!manifestFile || !goldenFile) {
  process.stderr.write("usage: node bench/papers/check-td.mjs MANIFEST GOLDEN\n");
  process.exit(2);
}
const manifest = JSON.parse(readFileSync(manifestFile, "utf8"));
const golden = JSON.parse(readFileSync(goldenFile, "utf8"));

/** The published curve of a node: `curves.ftd` at width 20 is student 20, ftd. */
function published(method, dim) {
  return method === "teacher" ? golden.teacher200 : golden.student[String(dim)]?.[method];
}

const rows = new Map();
for (const row of manifest.metrics) {
  if (row.metric !== "recall" || row.cutoff !== 50 || row.epoch === undefined || row.epoch === null) continue;
  const method = row.node.replace(/\[.*$/, "").split(".").pop();
  const dim = row.cell.dim ?? 20;
  const curve = published(method, dim);
  // The snapshot after p passes is the published epoch p - 1.
  const place = golden.epochs.indexOf(row.epoch - 1);
  if (!curve || place < 0 || golden.epochs[place] < 60) continue;
  const name = `${method} d=${method === "teacher" ? 200 : dim}`;
  const points = rows.get(name) ?? [];
  points.push({
    epoch: golden.epochs[place],
    seed: row.cell.seed ?? 0,
    value: row.value,
    gap: row.value - curve[place],
  });
  rows.set(name, points);
}

let near = 0;
let total = 0;
let failed = false;
const pooled = [];
process.stdout.write("| curve | seeds | mean deviation | largest | epoch 100, mean |\n|---|---|---|---|---|\n");
for (const [name, points] of rows) {
  const mean = points.reduce((sum, p) => sum + p.gap, 0) / points.length;
  const worst = points.reduce((max, p) => Math.max(max, Math.abs(p.gap)), 0);
  const last = points.filter((p) => p.epoch === 100).map((p) => p.value);
  near += points.filter((p) => Math.abs(p.gap) <= 0.01).length;
  total += points.length;
  if (worst > 0.016 || Math.abs(mean) > 0.008) failed = true;
  for (const epoch of new Set(points.map((p) => p.epoch))) {
    const values = points.filter((p) => p.epoch === epoch).map((p) => p.value);
    const center = values.reduce((a, b) => a + b, 0) / values.length;
    if (values.length > 1) pooled.push(...values.map((v) => ((v - center) ** 2 * values.length) / (values.length - 1)));
  }
  const seeds = new Set(points.map((p) => p.seed)).size;
  const end = last.reduce((a, b) => a + b, 0) / last.length;
  process.stdout.write(`| ${name} | ${seeds} | ${mean.toFixed(4)} | ${worst.toFixed(4)} | ${end.toFixed(4)} |\n`);
}
if (total === 0) {
  process.stderr.write("the manifest holds no recall@50 of snapshots: was it a run of pipelines/papers/td-*.kdp?\n");
  process.exit(2);
}
if (near < 0.95 * total) failed = true;
const spread = pooled.length > 0 ? Math.sqrt(pooled.reduce((a, b) => a + b, 0) / pooled.length) : null;
process.stdout.write(`\n${near} of ${total} points within .010`);
process.stdout.write(spread === null ? "\n" : `; pooled deviation between seeds ${spread.toFixed(4)}\n`);
process.exit(failed ? 1 : 0);
