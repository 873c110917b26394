import { bool, defineLoss, float, int, type LossInstance, type Tf } from "@kdp/plugin-api";
import type { Tensor2D } from "@tensorflow/tfjs-core";
import { constantOf } from "./shared/constant.js";
import { createListTable, drawLists, groupLists, type ListGroup } from "./shared/list-table.js";
import { fusedScores, listRequest, sumOverGroups } from "./shared/listwise-term.js";
import { sigmoid, softplus } from "./shared/logistic.js";
import { topSampler } from "./shared/rank-sampling.js";
import { noteShortLists } from "./shared/short-lists.js";
import { uniformSampler } from "./shared/uniform-sampling.js";
import { createWorkspace } from "./shared/workspace.js";

const SOURCE = "Ranking Distillation (Tang & Wang, KDD 2018), published code";

/** Stands for a sum of weights that is zero: all its weights are. */
const TINY = 1e-30;

/** w^a_r = e^(-r / λ) / Σ e^(-r' / λ) over the `k` positions. */
export function positionWeights(k: number, lambda: number): Float64Array {
  const raw = Float64Array.from({ length: k }, (_, r) => Math.exp(-r / lambda));
  const sum = raw.reduce((a, b) => a + b, 0);
  return raw.map((w) => w / sum);
}

/** w^b_r = tanh(max(μ (r̂ - r), 0)), ranks from 0: how far the student ranks the item below its place. */
export const discrepancyWeight = (estimated: number, rank: number, mu: number): number =>
  Math.tanh(Math.max(mu * (estimated - rank), 0));

/**
 * Ranking Distillation (RD, Tang & Wang, KDD 2018): the teacher's top items count as additional positives, the more the higher
 * they stand and the further the student ranks them below their place.
 *
 * L_D = -Σ_u Σ_{r<K} w_ur log σ(ŷ_u,π_r), π the teacher's ranking, over the distinct users of the step
 *
 * w = w^a before `start_epoch`, then w^a w^b, with w^a of {@link positionWeights} and w^b of {@link discrepancyWeight}, whose
 * r̂ = ⌊(I - 1) · (share of `samples` random items that score above the item)⌋. Weights carry no gradient. The published code
 * leaves their product as it is; `renormalize` scales each user's to sum 1, as the paper says. Lists `[users, K + Q]`.
 */
export const rd = defineLoss({
  doc: "Ranking Distillation (KDD 2018): the teacher's top items as additional positives, weighted by place and by how far the student is off.",
  needs: ["ranking"],
  teachers: "one",
  studentNeeds: [],
  rankTop: "top",
  rankingLength: ["top"],
  // The lists of the epoch.
  memory: {
    bytes: [
      ["users", "top", 4],
      ["users", "samples", 4],
    ],
  },
  params: {
    weight: float({ default: 1, min: 0, doc: "α, factor of the loss, which is a sum over users.", source: SOURCE }),
    top: int({ default: 10, min: 1, doc: "K, items of the teacher's ranking that are taught.", source: SOURCE }),
    decay: float({
      default: 1,
      min: 0,
      exclusiveMin: true,
      doc: "λ of the weight by position: larger spreads it over more items.",
      source: SOURCE,
    }),
    mu: float({ default: 0.1, min: 0, doc: "μ, sharpness of the weight by rank discrepancy.", source: SOURCE }),
    samples: int({ default: 100, min: 1, doc: "Q, items that the student's rank is estimated from.", source: SOURCE }),
    start_epoch: int({
      default: 10,
      min: 0,
      doc: "Epoch from which the weight by rank discrepancy counts; before, only the position does.",
      source: SOURCE,
    }),
    renormalize: bool({
      default: false,
      doc: "Scale each user's weights to sum 1 after multiplying the two.",
      source: "off in the published code, on in the paper",
    }),
  },

  create({ params, users, items, train, teachers, streams, kernels, note }): LossInstance {
    const ranking = teachers[0]?.ranking;
    if (!ranking) throw new Error("rd was given a teacher without a ranking");
    const table = createListTable(users, params.top, params.samples);
    const workspace = createWorkspace(kernels);
    const source = {
      ranking,
      known: { offsets: train.offsets, ids: train.itemIds },
      pool: params.top,
      sampler: topSampler,
      uniform: uniformSampler(items),
    };
    let dynamic = false;
    let groups: readonly ListGroup[] = [];

    /** Weights of the taught items of rows of scores `[rows, k + l]`. */
    function weigh(scores: Float32Array, { k, l, list }: ListGroup): Float32Array {
      const position = positionWeights(k, params.decay);
      const weights = new Float32Array(list.rows * k);
      for (let row = 0; row < list.rows; row++) {
        let sum = 0;
        for (let r = 0; r < k; r++) {
          let w = position[r]!;
          if (dynamic) {
            const own = scores[row * list.k + r]!;
            let above = 0;
            for (let s = row * list.k + k; s < (row + 1) * list.k; s++) if (scores[s]! > own) above++;
            const estimated = l === 0 ? 0 : Math.floor(((items - 1) * above) / l);
            w *= discrepancyWeight(estimated, r, params.mu);
          }
          weights[row * k + r] = w;
          sum += w;
        }
        if (dynamic && params.renormalize) {
          for (let at = row * k; at < (row + 1) * k; at++) weights[at] = weights[at]! / Math.max(sum, TINY);
        }
      }
      return weights;
    }

    /** The same on the device: `[rows, k]`, or `[1, k]` while all rows have the weights of their positions. */
    function weightTensor(tf: Tf, scores: Tensor2D, { k, l, list: { rows } }: ListGroup): Tensor2D {
      const position: Tensor2D = tf.tensor2d(Float32Array.from(positionWeights(k, params.decay)), [1, k]);
      if (!dynamic) return position;
      const own = tf.reshape(tf.slice(scores, [0, 0], [rows, k]), [rows, k, 1]);
      const drawn = tf.reshape(tf.slice(scores, [0, k], [rows, l]), [rows, 1, l]);
      const above = tf.sum(tf.cast(tf.greater(drawn, own), "float32"), 2);
      const estimated = tf.floor(tf.div(tf.mul(above, items - 1), Math.max(l, 1)));
      const discrepancy = tf.tanh(tf.relu(tf.mul(tf.sub(estimated, tf.range(0, k)), params.mu)));
      const weights: Tensor2D = tf.mul(position, discrepancy);
      return params.renormalize ? tf.div(weights, tf.maximum(tf.sum(weights, 1, true), TINY)) : weights;
    }

    return {
      startEpoch(epoch) {
        dynamic = epoch >= params.start_epoch;
        drawLists(table, source, streams.stream("sampling", epoch));
        if (epoch === 0) noteShortLists(table, `users have fewer than ${params.top} ranked items`, note);
      },

      request(batch) {
        const entities = batch.uniqueUsers;
        groups = groupLists({ table, side: "user", entities, workspace, name: "lists", shortest: 1 });
        return { scores: listRequest("lists", groups) };
      },

      loss: ({ tf, scores }) =>
        sumOverGroups(tf, "lists", groups, scores, (group, found) => {
          const weights = constantOf(tf, found, (x) => weightTensor(tf, x, group));
          return tf.sum(tf.mul(weights, tf.softplus(tf.neg(tf.slice(found, [0, 0], [group.list.rows, group.k])))));
        }),

      fused: {
        cpu: (io) =>
          fusedScores(workspace, groups, io, (group, scores, grads) => {
            const { k, list } = group;
            const weights = weigh(scores, group);
            let value = 0;
            grads.fill(0);
            for (let row = 0; row < list.rows; row++) {
              for (let r = 0; r < k; r++) {
                const w = weights[row * k + r]!;
                const score = scores[row * list.k + r]!;
                value += w * softplus(-score);
                grads[row * list.k + r] = -io.weight * w * sigmoid(-score);
              }
            }
            return value;
          }),
      },
    };
  },
});
