// Compares the curves of runs of pipelines/papers/td-*.kdp with the published ones.
//
//   node bench/papers/check-td.mjs MANIFEST… td-curves.json
//
// Bounds, on the published epochs 60 … 100, every seed a point: at least 95 % of the points within .010 of the curve, none beyond
// .016, each curve's mean deviation within .008. Epoch 50 is told and bound by nothing: the published code itself, run again, does not
// repeat its early epochs. A deviation between seeds above .0035 is told too. Exit code 1 when a bound is missed.
import { deviation, finish, mean, measured, noRows, readArguments, signed, spread, table } from "./runs.mjs";

const FROM = 60;
const { golden, manifests } = readArguments("check-td.mjs");

const published = ({ method, dim }) => (method === "teacher" ? golden.teacher200 : golden.student[dim]?.[method]);

/** Points of each curve. The snapshot after p passes is the published epoch p - 1. */
const curves = new Map();
for (const row of measured(manifests)) {
  const place = golden.epochs.indexOf(row.epoch - 1);
  const curve = published(row);
  if (row.metric !== "recall@50" || row.epoch === null || place < 0 || !curve) continue;
  const name = `${row.method}, d = ${row.dim}`;
  const points = curves.get(name) ?? [];
  points.push({ epoch: golden.epochs[place], value: row.value, gap: row.value - curve[place], seed: row.seed });
  curves.set(name, points);
}
const late = (points) => points.filter(({ epoch }) => epoch >= FROM);
if (![...curves.values()].some((points) => late(points).length > 0)) noRows("recall@50 of snapshots after epoch 60");

const atEpochs = (points) =>
  [...new Set(points.map(({ epoch }) => epoch))].map((epoch) => points.filter((point) => point.epoch === epoch));
const worst = (points) => Math.max(...points.map(({ gap }) => Math.abs(gap)));

table(
  ["curve", "seeds", "mean deviation, epochs 60–100", "largest", "epoch 100 here", "published", "largest at epoch 50"],
  [...curves].map(([name, points]) => {
    const early = points.filter(({ epoch }) => epoch < FROM);
    const last = points.filter(({ epoch }) => epoch === 100);
    return [
      name,
      new Set(points.map(({ seed }) => seed)).size,
      signed(mean(late(points).map(({ gap }) => gap))),
      worst(late(points)).toFixed(4),
      last.length === 0 ? "–" : spread(last.map(({ value }) => value)),
      last.length === 0 ? "–" : (last[0].value - last[0].gap).toFixed(4),
      early.length === 0 ? "–" : worst(early).toFixed(4),
    ];
  }),
);

const points = [...curves.values()].flatMap(late);
const near = points.filter(({ gap }) => Math.abs(gap) <= 0.01).length;
// Variances of the seeds at each epoch of each curve, weighted by their degrees of freedom.
const groups = [...curves.values()].flatMap((all) => atEpochs(late(all))).filter(({ length }) => length > 1);
const degrees = groups.reduce((sum, { length }) => sum + length - 1, 0);
const squares = groups.reduce(
  (sum, group) => sum + (group.length - 1) * deviation(group.map(({ value }) => value)) ** 2,
  0,
);
if (degrees > 0) {
  const pooled = Math.sqrt(squares / degrees);
  const note = pooled > 0.0035 ? ": above the .0035 that was expected" : "";
  process.stdout.write(`deviation between seeds, pooled: ${pooled.toFixed(4)}${note}\n`);
}
finish([
  [`${near} of ${points.length} points within .010 (at least 95 %)`, near >= 0.95 * points.length],
  [`no point beyond .016 (largest ${worst(points).toFixed(4)})`, worst(points) <= 0.016],
  [
    "each curve's mean deviation within .008",
    [...curves.values()].every(
      (all) => late(all).length === 0 || Math.abs(mean(late(all).map(({ gap }) => gap))) <= 0.008,
    ),
  ],
]);
