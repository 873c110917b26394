import { defineLoss, float, int, type LossInstance, oneOf } from "@kdp/plugin-api";
import { createListTable, drawLists, groupLists, type ListGroup } from "./shared/list-table.js";
import { fusedListwise, listRequest, listwiseLoss } from "./shared/listwise-term.js";
import { rankExpSampler, topSampler } from "./shared/rank-sampling.js";
import { noteShortLists } from "./shared/short-lists.js";
import { uniformSampler } from "./shared/uniform-sampling.js";
import { createWorkspace } from "./shared/workspace.js";

const SOURCE = "DE-RRD (Kang et al., CIKM 2020), published code";

/**
 * Relaxed Ranking Distillation (DE-RRD, Kang et al., CIKM 2020): the student learns the order of the teacher's favourites and
 * to rank them above items that the teacher does not care for, whose own order is left free.
 *
 * L_RRD = Σ_u PL( r_u,interesting ; r_u,uninteresting ) over the distinct users of the step, PL of `shared/plackett-luce`.
 * Lists `[users, interesting + uninteresting]` are drawn anew each epoch: the interesting ones from the first `pool` of the
 * teacher's ranking with p(rank) ∝ e^(-rank / temperature) (`sampling: "none"`: the very first ones, the authors' later
 * advice), kept in the teacher's order; the uninteresting ones uniformly among items that are neither there nor known.
 */
export const rrd = defineLoss({
  doc: "Relaxed Ranking Distillation (DE-RRD, CIKM 2020): the teacher's favourites in its order, above items it does not care for.",
  needs: ["ranking"],
  teachers: "one",
  studentNeeds: [],
  rankTop: "pool",
  rankingLength: ["interesting"],
  // The lists of the epoch.
  memory: {
    bytes: [
      ["users", "interesting", 4],
      ["users", "uninteresting", 4],
    ],
  },
  params: {
    weight: float({ default: 1e-3, min: 0, doc: "λ, factor of the loss, which is a sum over users.", source: SOURCE }),
    interesting: int({ default: 40, min: 1, doc: "K, ordered items per user.", source: SOURCE }),
    uninteresting: int({ default: 40, min: 0, doc: "L, unordered items per user.", source: SOURCE }),
    sampling: oneOf(["rank-exp", "none"], {
      default: "rank-exp",
      doc: "How interesting items are chosen: drawn by rank each epoch, or the first of the ranking (none).",
      source: SOURCE,
    }),
    temperature: float({
      default: 10,
      min: 0,
      exclusiveMin: true,
      doc: "T of the draw by rank: larger reaches deeper into the pool.",
      source: SOURCE,
    }),
    pool: int({ default: 500, min: 1, doc: "Ranked items that count as the teacher's favourites.", source: SOURCE }),
  },

  create({ params, users, items, train, teachers, streams, kernels, note }): LossInstance {
    const ranking = teachers[0]?.ranking;
    if (!ranking) throw new Error("rrd was given a teacher without a ranking");
    const table = createListTable(users, params.interesting, params.uninteresting, kernels);
    const workspace = createWorkspace(kernels);
    const source = {
      ranking,
      known: { offsets: train.offsets, ids: train.itemIds },
      pool: params.pool,
      sampler: params.sampling === "none" ? topSampler : rankExpSampler(params.pool, params.temperature),
      uniform: uniformSampler(items),
    };
    let groups: readonly ListGroup[] = [];

    return {
      startEpoch(epoch) {
        drawLists(table, source, streams.stream("sampling", epoch));
        if (epoch === 0) noteShortLists(table, `users have fewer than ${params.interesting} ranked items`, note);
      },
      request(batch) {
        groups = groupLists({ table, side: "user", entities: batch.uniqueUsers, workspace, name: "lists" });
        return { scores: listRequest("lists", groups) };
      },
      loss: ({ tf, scores }) => listwiseLoss(tf, "lists", groups, scores),
      fused: { cpu: (io) => fusedListwise(kernels, workspace, groups, io, io.weight) },
    };
  },
});
