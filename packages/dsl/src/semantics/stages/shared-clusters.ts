import { CLUSTERS_SIGNATURE } from "../../library/core.js";
import { CORE_PLUGIN } from "../../library/core-plugin.js";
import { defaultArgument } from "../arguments.js";
import { unite } from "../axes.js";
import { checkSameData } from "../checks/universes.js";
import { checkViews } from "../checks/views.js";
import type { BoundCall, ClustersType, EventsRef, RefValue } from "../values.js";
import type { StageContext } from "./input.js";
import { makeNode, refTo, single } from "./make-node.js";

/** Arguments of `evaluate` that are about clusters; those of k-means belong to its own node. */
const OF_K_MEANS = { cluster_count: "count", cluster_seed: "seed" } as const;
const OF_MEASURING = "cluster_min_users";

export const CLUSTER_ARGUMENTS: readonly string[] = [...Object.keys(OF_K_MEANS), OF_MEASURING];

/**
 * The clusters of users that an evaluation measures in, made of the rows of `clusters:`. Evaluations that ask for the same
 * share one node. Null without `clusters:`.
 */
export function sharedClusters(
  on: EventsRef,
  context: StageContext,
): (RefValue & { readonly type: ClustersType }) | null {
  const { call, frame } = context;
  const given = call.teacherPorts.clusters;
  if (!given) return null;
  const { value: teacher, expr } = given;
  checkViews({ needs: ["embeddings"], callee: `${call.callee}(clusters:)`, span: expr.span }, teacher, frame);
  checkSameData(teacher, on, expr.span, "clusters", context);
  const own = Object.entries(OF_K_MEANS).flatMap(([from, to]) => {
    const argument = call.params[from];
    return argument ? [[to, argument] as const] : [];
  });
  const restarts = defaultArgument(CLUSTERS_SIGNATURE.params.restarts!, CORE_PLUGIN)!;
  const params: BoundCall["params"] = { ...Object.fromEntries(own), restarts };
  const axes = unite(teacher.axes, ...own.map(([, argument]) => argument.axes));
  const inner: BoundCall = {
    ...call,
    signature: CLUSTERS_SIGNATURE,
    callee: CLUSTERS_SIGNATURE.stage,
    params,
    ports: {},
    teacherPorts: {},
    axes,
  };
  const node = makeNode(
    // Not named after the first of the models that are measured: it is everybody's.
    { ...context, call: inner, frame: { ...frame, labels: [] } },
    { type: { kind: "Clusters" }, inputs: [single("teacher", teacher)], axes },
  );
  return refTo(node, { kind: "Clusters", universe: teacher.type.universe }, axes);
}

/** What decides a measurement: without clusters nothing about them, with them all but what made them. */
export const evaluateParams = (params: BoundCall["params"], clustered: boolean): BoundCall["params"] =>
  Object.fromEntries(
    Object.entries(params).filter(
      ([name]) => !CLUSTER_ARGUMENTS.includes(name) || (clustered && name === OF_MEASURING),
    ),
  );
