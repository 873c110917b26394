import { kMeans } from "../balance/k-means.js";
import { counted } from "../data/data-fault.js";
import { RuntimeFault } from "../faults.js";
import { openStream } from "../random/streams.js";
import { cpuRanker } from "../ranking/ranker.js";
import { CLUSTERS_TABLE, clustersToTable } from "../tables/clusters.js";
import { openTeacher } from "../teachers/open-teacher.js";
import { requiredNumber } from "./params.js";
import { inputOf, type StageExecutor } from "./stage.js";

/** Clusters of users with similar tastes, by k-means on a teacher's rows of users: the table `clusters`. */
export const run: StageExecutor = async (context) => {
  const { node, output, plugins } = context;
  const input = inputOf(context, "teacher");
  const kernels = await context.kernels();
  const teacher = await openTeacher(input, { plugins, kernels, ranker: cpuRanker(kernels), node: node.id });
  const rows = teacher.embeddings()?.user;
  if (!rows) {
    throw new RuntimeFault({
      code: "KDP7206",
      kind: "user",
      message: `${teacher.name} has no embeddings of users, so there is nothing to make clusters of`,
      place: node.id,
      fix: "give `clusters:` a model, or a file with the embeddings of users",
    });
  }
  const bad = rows.values.findIndex((value) => !Number.isFinite(value));
  if (bad !== -1) {
    throw new RuntimeFault({
      code: "KDP7203",
      kind: "user",
      message: `the embedding of user ${Math.floor(bad / rows.cols)} of ${teacher.name} holds ${rows.values[bad]}`,
      place: node.id,
      fix: "use a teacher whose embeddings are finite",
    });
  }
  const { users } = teacher.train;
  const seed = requiredNumber(node.params, "seed");
  const wanted = requiredNumber(node.params, "count");
  const { assignment, sizes, inertia } = kMeans({
    kernels,
    rows: rows.values,
    n: users,
    cols: rows.cols,
    count: Math.min(wanted, users),
    restarts: requiredNumber(node.params, "restarts"),
    stream: (restart) => openStream({ seed, family: "clusters", purpose: "init", epoch: restart }),
  });
  if (sizes.length < wanted)
    output.note(`${counted(sizes.length, "cluster")} instead of ${wanted}: no more rows differ`);
  output.table(CLUSTERS_TABLE, clustersToTable(assignment));
  output.facts({ users, clusters: sizes.length, sizes, inertia });
};
