// Evaluation of the held-out items of CiteULike: among all items, and among 499 sampled ones, all cut-offs in one pass.
import { createKernels } from "@kdp/kernels";
import plugin from "@kdp/plugins";
import { prepareEvaluation } from "@kdp/runtime/training";
import { createFloor } from "../floor.mjs";
import { measure, resultOf } from "../harness.mjs";
import { createPeers } from "../peers.mjs";
import { isWanted } from "../setup/methods.mjs";
import { loadSplit, splitFiles } from "../setup/split.mjs";
import { normals } from "../setup/training.mjs";

const CUTOFFS = [10, 50];
export const METRICS = ["recall", "ndcg", "hit", "mrr"].flatMap((metric) =>
  CUTOFFS.map((cutoff) => ({ key: `${metric}@${cutoff}`, metric, cutoff, definition: plugin.metrics[metric] })),
);

export async function* run(options) {
  const { train, valid, test } = await loadSplit(options);
  const kernels = await createKernels();
  const floor = createFloor(kernels);
  const peers = createPeers({ script: "eval.py", files: splitFiles(options), ...options });
  const heldOut = { part: "test", events: test, train, others: [train, valid] };
  for (const dim of [20, 200]) {
    const user = kernels.f32From(normals(train.users * dim, 0.3, 1));
    const item = kernels.f32From(normals(train.items * dim, 0.3, 2));
    for (const [name, candidates] of [
      ["full", null],
      ["loo-499", { count: 499, seed: 0 }],
    ]) {
      if (!isWanted(options.only, name)) continue;
      const prepared = prepareEvaluation({ node: "bench", kernels, heldOut, metrics: METRICS, candidates });
      const taken = await measure(() => prepared.evaluate({ kind: "dot", user, item, cols: dim }), {
        runs: options.runs ?? (options.quick ? 3 : 7),
      });
      const pairs = prepared.users * (candidates ? candidates.count + 1 : train.items);
      // Sampled rows are gathered one by one; of a full ranking both tables are read once.
      const bytes = 4 * dim * (candidates ? pairs : train.users + train.items);
      const floorSeconds = floor.seconds([{ flop: 2 * dim * pairs, bytes }], 4 * dim * train.items);
      const config = { dim, users: prepared.users, items: train.items, metrics: METRICS.length, threads: 1 };
      const result = resultOf({ suite: "eval", name, config, taken, floorSeconds });
      yield result;
      yield* peers.beside(result, ["--rankings", name, "--dims", `${dim}`]);
    }
  }
}
