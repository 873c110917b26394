import type { FusedIO, Kernels, ScoreList, Tf } from "@kdp/plugin-api";
import type { Scalar, Tensor2D } from "@tensorflow/tfjs-core";
import type { ListGroup } from "./list-table.js";
import { plackettLuce } from "./plackett-luce.js";
import type { Workspace } from "./workspace.js";

/** Names of a term's lists in a step's request: `<prefix>/0`, `<prefix>/1` … */
const nameOf = (prefix: string, index: number): string => `${prefix}/${index}`;

export function listRequest(prefix: string, groups: readonly ListGroup[]): Readonly<Record<string, ScoreList>> {
  return Object.fromEntries(groups.map((group, i) => [nameOf(prefix, i), group.list]));
}

/** Sum of the Plackett–Luce losses of all groups, from the student's scores of the lists that {@link listRequest} named. */
export function listwiseLoss(
  tf: Tf,
  prefix: string,
  groups: readonly ListGroup[],
  scores: Readonly<Record<string, Tensor2D>>,
): Scalar {
  return sumOverGroups(tf, prefix, groups, scores, (group, found) => plackettLuce(tf, found, group.k));
}

/** Sum over groups of a loss of their scores `[rows, k + l]`. */
export function sumOverGroups(
  tf: Tf,
  prefix: string,
  groups: readonly ListGroup[],
  scores: Readonly<Record<string, Tensor2D>>,
  loss: (group: ListGroup, scores: Tensor2D) => Scalar,
): Scalar {
  let total: Scalar = tf.scalar(0);
  groups.forEach((group, i) => {
    const found = scores[nameOf(prefix, i)];
    if (!found) throw new Error(`the engine gave no scores for list "${nameOf(prefix, i)}"`);
    total = tf.add(total, loss(group, found));
  });
  return total;
}

/** The same in one pass over each group; adds `weight` times the gradient. Returns the unweighted value. */
export function fusedListwise(
  kernels: Kernels,
  workspace: Workspace,
  groups: readonly ListGroup[],
  io: Pick<FusedIO, "student">,
  weight: number,
): number {
  return fusedScores(workspace, groups, io, ({ k, l, list }, scores, grads) =>
    kernels.plackettLuce(scores, list.rows, k, l, weight, grads),
  );
}

/**
 * Runs `body` on the student's scores of each group and sends the gradients that it writes on to the student.
 * @returns the sum of what `body` returns
 */
export function fusedScores(
  workspace: Workspace,
  groups: readonly ListGroup[],
  { student }: Pick<FusedIO, "student">,
  body: (group: ListGroup, scores: Float32Array, grads: Float32Array) => number,
): number {
  let value = 0;
  for (const group of groups) {
    const { list } = group;
    const scores = workspace.f32("scores", list.rows * list.k);
    const grads = workspace.f32("dScores", list.rows * list.k);
    student.scores(list, scores);
    value += body(group, scores, grads);
    student.addScoreGrads(list, grads);
  }
  return value;
}
