// Compares runs of pipelines/papers/derrd-*.kdp with the published logs of DE-RRD and IR-RRD.
//
//   node bench/papers/check-derrd.mjs MANIFEST… derrd-logs.json
//
// Bounds: means over seeds of H@N within .018 and of N@N within .015 of the logs (one seed each; their 499 candidates are not
// published, another draw moves H@N by about .002); plain < {RRD, DE} < IR-RRD by H@10, paired seed by seed. Methods that were not
// run are left out. Exit code 1 when a bound is missed.
import { finish, mean, measured, noRows, readArguments, signed, spread, table } from "./runs.mjs";

const { golden, manifests } = readArguments("check-derrd.mjs");
/** Names of the logs by method. */
const LOGS = { plain: "student", rrd: "rrd", de: "de", ir_rrd: "ir_rrd" };
const METRICS = ["hit@5", "ndcg@5", "hit@10", "ndcg@10", "hit@20", "ndcg@20"];
const logName = (metric) => metric.replace("hit", "H").replace("ndcg", "N");
const bound = (metric) => (metric.startsWith("hit") ? 0.018 : 0.015);

/** Values by method, then metric, then seed. */
const methods = new Map();
for (const { method, metric, value, seed, epoch, candidates } of measured(manifests)) {
  if (epoch !== null || candidates !== 499 || !METRICS.includes(metric)) continue;
  const metrics = methods.get(method) ?? new Map();
  methods.set(method, metrics);
  metrics.set(metric, (metrics.get(metric) ?? new Map()).set(seed, value));
}
const values = (method, metric) => [...(methods.get(method)?.get(metric)?.values() ?? [])];
const compared = Object.keys(LOGS).filter((method) => methods.has(method));
if (compared.length === 0) noRows("plain student, RRD, DE or IR-RRD measured among 499 sampled items");

const gapOf = (method, metric) => mean(values(method, metric)) - golden.test[LOGS[method]][logName(metric)];
table(
  ["method", "seeds", ...METRICS.map(logName)],
  [...methods].map(([method, metrics]) => [
    method,
    Math.max(...[...metrics.values()].map(({ size }) => size)),
    ...METRICS.map((metric) => {
      if (!metrics.has(metric)) return "–";
      return spread(values(method, metric)) + (method in LOGS ? ` (${signed(gapOf(method, metric))})` : "");
    }),
  ]),
);
process.stdout.write("In brackets: the difference to the published log.\n\n");

const gates = compared.map((method) => {
  const missed = METRICS.filter((metric) => Math.abs(gapOf(method, metric)) > bound(metric)).map(logName);
  const text = missed.length === 0 ? "" : `: not ${missed.join(", ")}`;
  return [`${method}: H within .018 and N within .015 of the log${text}`, missed.length === 0];
});

for (const [lower, higher] of [
  ["plain", "rrd"],
  ["plain", "de"],
  ["rrd", "ir_rrd"],
  ["de", "ir_rrd"],
]) {
  const [low, high] = [lower, higher].map((method) => methods.get(method)?.get("hit@10"));
  const seeds = [...(low?.keys() ?? [])].filter((seed) => high?.has(seed));
  if (seeds.length === 0) continue;
  const differences = seeds.map((seed) => high.get(seed) - low.get(seed));
  const ahead = differences.filter((difference) => difference > 0).length;
  gates.push([
    `${lower} < ${higher} by H@10: ${spread(differences)} over ${seeds.length} paired seeds, ahead in ${ahead}`,
    mean(differences) > 0,
  ]);
}
finish(gates);
