import { defineLoss, float, int, type LossInstance } from "@kdp/plugin-api";
import type { Tensor2D } from "@tensorflow/tfjs-core";
import { createListTable, groupLists, type ListGroup } from "./shared/list-table.js";
import { fusedScores, listRequest, sumOverGroups } from "./shared/listwise-term.js";
import { sigmoid, softplus } from "./shared/logistic.js";
import { popularityGroups } from "./shared/popularity-groups.js";
import { expRankDraw } from "./shared/rank-sampling.js";
import { rankWithinGroups } from "./shared/rank-within-groups.js";
import { noteShortLists } from "./shared/short-lists.js";
import { createWorkspace } from "./shared/workspace.js";

const SOURCE = "UnKD (Chen et al., WSDM 2023), published code";
/** Draws of a pair that may fall on one item before its neighbour is taken. */
const PATIENCE = 50;

/**
 * Pairs of each popularity group, of `pairs` in all (UnKD): the less popular a group, the larger its share, as far as `lambda`
 * says; at 0, the published code's default, all groups have the same.
 * @param means mean popularity of each group
 */
export function groupQuotas(means: readonly number[], lambda: number, pairs: number): readonly number[] {
  const span = Math.max(...means) + Math.min(...means);
  const shares = means.map((mean) => span - mean);
  const total = shares.reduce((a, b) => a + b, 0);
  const tilted = shares.map((share) => Math.max(Math.round((100 * share) / total) / 100, 0.1) ** lambda);
  const sum = tilted.reduce((a, b) => a + b, 0);
  const exact = tilted.map((share) => (pairs * share) / sum);
  const quotas = exact.map(Math.floor);
  const rest = pairs - quotas.reduce((a, b) => a + b, 0);
  // Largest remainders, so that the quotas sum to `pairs`.
  const order = [...exact.keys()].sort((a, b) => (exact[b]! % 1) - (exact[a]! % 1) || a - b);
  for (const group of order.slice(0, rest)) quotas[group] = quotas[group]! + 1;
  return quotas;
}

/**
 * Unbiased Knowledge Distillation (UnKD, Chen et al., WSDM 2023): the student learns the teacher's order within groups of
 * equally popular items, so that the teacher's popularity bias, which lies between the groups, is not passed on.
 *
 * L_UnKD = -mean_{u, pairs} log σ( r_u,i⁺ - r_u,i⁻ ), times the number of triplets of the step
 *
 * Each epoch draws `pairs` pairs per user, shared out among the groups; both items of a pair come from the first `top` of the
 * teacher's ranking of the group's unseen items with p(rank) ∝ e^(-rank / temperature), and the better ranked one is i⁺. The
 * published loss is a mean beside a mean base loss; here base losses are sums over triplets, so the mean is scaled alike and
 * `weight` means the same. Lists `[users, 2 pairs]`: i⁺, i⁻, i⁺, i⁻ …
 */
export const unkd = defineLoss({
  cacheVersion: 1,
  doc: "Unbiased distillation (WSDM 2023): the teacher's order within groups of equally popular items, without its popularity bias.",
  needs: ["scores"],
  teachers: "one",
  studentNeeds: [],
  // The lists of the epoch, and the teacher's rankings of the groups that they are drawn from.
  memory: {
    bytes: [
      ["users", "pairs", 2 * 4],
      ["users", "groups", "top", 4],
    ],
  },
  params: {
    weight: float({
      default: 1,
      min: 0,
      doc: "Factor of the loss, a mean over users and pairs times the step's triplets.",
      source: SOURCE,
    }),
    groups: int({ default: 2, min: 1, doc: "G, groups of items of about equal total popularity.", source: SOURCE }),
    pairs: int({ default: 30, min: 1, doc: "Pairs per user and epoch, over all groups.", source: SOURCE }),
    lambda: float({
      default: 0,
      min: 0,
      doc: "How much larger the share of less popular groups is; 0 gives each the same.",
      source: SOURCE,
    }),
    top: int({ default: 1000, min: 2, doc: "Ranked items of a group that are drawn from.", source: SOURCE }),
    temperature: float({
      default: 20,
      min: 0,
      exclusiveMin: true,
      doc: "T of the draw by rank: larger reaches deeper.",
      source: SOURCE,
    }),
  },

  create({ params, users, items, train, teachers, streams, kernels, note }): LossInstance {
    const teacher = teachers[0];
    if (!teacher?.scores) throw new Error("unkd was given a teacher without scores");
    const workspace = createWorkspace(kernels);
    const counts = new Int32Array(items);
    for (const item of train.itemIds) counts[item] = counts[item]! + 1;
    const groups = popularityGroups(counts, params.groups);
    const means = groups.map((group) => group.reduce((sum, item) => sum + counts[item]!, 0) / group.length);
    const quotas = groupQuotas(means, params.lambda, params.pairs);
    // e^-36 is the resolution of a number: deeper ranks are never drawn.
    const depth = Math.min(params.top, Math.ceil(36 * params.temperature) + 1);
    const ranked = rankWithinGroups({
      teacher: { scores: teacher.scores.bind(teacher) },
      train,
      groups,
      depth,
      workspace,
    });
    const table = createListTable(users, 2 * params.pairs, 0);
    let lists: readonly ListGroup[] = [];

    function drawFor(user: number, stream: ReturnType<typeof streams.stream>): void {
      let at = user * table.k;
      const start = at;
      for (const [group, quota] of quotas.entries()) {
        const own = ranked.row(user, group);
        if (own.length < 2) continue;
        const draw = expRankDraw(own.length, params.temperature);
        for (let pair = 0; pair < quota; pair++) {
          const a = draw(stream);
          let b = draw(stream);
          for (let tries = 0; b === a && tries < PATIENCE; tries++) b = draw(stream);
          if (b === a) b = a === 0 ? 1 : a - 1;
          table.ids[at++] = own[Math.min(a, b)]!;
          table.ids[at++] = own[Math.max(a, b)]!;
        }
      }
      table.ordered[user] = at - start;
    }

    /** What a pair counts: the mean over the step's pairs, times its triplets. */
    let scale = 0;

    return {
      startEpoch(epoch) {
        const stream = streams.stream("sampling", epoch);
        for (let user = 0; user < users; user++) drawFor(user, stream);
        if (epoch > 0) return;
        if (groups.length < params.groups) {
          note(`popularity is so uneven that ${groups.length} of ${params.groups} groups could be formed`);
        }
        noteShortLists(table, "users have a group with fewer than 2 unseen items that the teacher tells apart", note);
      },

      request(batch) {
        lists = groupLists({ table, side: "user", entities: batch.uniqueUsers, workspace, name: "lists" });
        const pairs = lists.reduce((sum, { list }) => sum + (list.rows * list.k) / 2, 0);
        scale = pairs === 0 ? 0 : batch.size / pairs;
        return { scores: listRequest("lists", lists) };
      },

      loss({ tf, scores }) {
        const sum = sumOverGroups(tf, "lists", lists, scores, ({ list }, found) => {
          const pairs = tf.reshape(found, [(list.rows * list.k) / 2, 2]) as Tensor2D;
          return tf.sum(tf.softplus(tf.matMul(pairs, tf.tensor2d([-1, 1], [2, 1]))));
        });
        return tf.mul(sum, scale);
      },

      fused: {
        cpu: (io) =>
          scale *
          fusedScores(workspace, lists, io, ({ list }, scores, grads) => {
            let value = 0;
            for (let at = 0; at < list.rows * list.k; at += 2) {
              const gap = scores[at]! - scores[at + 1]!;
              value += softplus(-gap);
              const slope = -io.weight * scale * sigmoid(-gap);
              grads[at] = slope;
              grads[at + 1] = -slope;
            }
            return value;
          }),
      },
    };
  },
});
