import { defineLoss, float, int, type LossInstance, oneOf } from "@kdp/plugin-api";
import { byItem } from "./shared/by-item.js";
import { createListTable, drawLists, groupLists, type ListGroup } from "./shared/list-table.js";
import { fusedListwise, listRequest, listwiseLoss } from "./shared/listwise-term.js";
import { rankExpSampler, topSampler } from "./shared/rank-sampling.js";
import { noteShortLists } from "./shared/short-lists.js";
import { uniformSampler } from "./shared/uniform-sampling.js";
import { createWorkspace } from "./shared/workspace.js";

const SOURCE = "IR-RRD (Kang et al., Information Sciences 2021), published code";

/**
 * Item-side ranking regularised distillation (IR-RRD, Kang et al., Information Sciences 580, 2021): RRD on users' lists of items, and
 * its mirror image on items' lists of users.
 *
 * weight · Σ_u PL( r_u,interesting ; r_u,uninteresting ) + item_weight · Σ_i PL( r_interesting,i ; r_uninteresting,i )
 *
 * with PL of `shared/plackett-luce`, the users being the distinct users of the step and the items all those on their lists.
 * User lists `[users, interesting + uninteresting]`, item lists `[items, item_interesting + item_uninteresting]`, drawn anew
 * each epoch for all users and items. An item with fewer ranked users, or without uninteresting ones, has a shorter list.
 */
export const irRrd = defineLoss({
  doc: "IR-RRD (Information Sciences 2021): relaxed ranking distillation of users' lists of items and of items' lists of users.",
  needs: ["ranking"],
  teachers: "one",
  studentNeeds: [],
  itemSide: true,
  rankTop: "pool",
  rankingLength: ["interesting"],
  // The lists of the epoch, of both sides.
  memory: {
    bytes: [
      ["users", "interesting", 4],
      ["users", "uninteresting", 4],
      ["items", "item_interesting", 4],
      ["items", "item_uninteresting", 4],
    ],
  },
  params: {
    weight: float({
      default: 1e-3,
      min: 0,
      exclusiveMin: true,
      doc: "λ_U, factor of the user side, a sum over users.",
      source: SOURCE,
    }),
    item_weight: float({
      default: 5e-4,
      min: 0,
      doc: "λ_I, factor of the item side, a sum over items.",
      source: SOURCE,
    }),
    interesting: int({ default: 40, min: 1, doc: "Ordered items per user.", source: SOURCE }),
    uninteresting: int({ default: 40, min: 0, doc: "Unordered items per user.", source: SOURCE }),
    item_interesting: int({ default: 20, min: 1, doc: "Ordered users per item.", source: SOURCE }),
    item_uninteresting: int({ default: 20, min: 0, doc: "Unordered users per item.", source: SOURCE }),
    sampling: oneOf(["rank-exp", "none"], {
      default: "rank-exp",
      doc: "How interesting entities are chosen: drawn by rank each epoch, or the first of the ranking (none).",
      source: SOURCE,
    }),
    temperature: float({ default: 10, min: 0, exclusiveMin: true, doc: "T of the draw of items.", source: SOURCE }),
    item_temperature: float({
      default: 10,
      min: 0,
      exclusiveMin: true,
      doc: "T of the draw of users.",
      source: SOURCE,
    }),
    pool: int({ default: 500, min: 1, doc: "Ranked items that count as a user's favourites.", source: SOURCE }),
    item_pool: int({ default: 500, min: 1, doc: "Ranked users that count as an item's favourites.", source: SOURCE }),
  },

  create({ params, users, items, train, teachers, streams, kernels, note }): LossInstance {
    const ranking = teachers[0]?.ranking;
    const itemRanking = teachers[0]?.itemRanking;
    if (!ranking || !itemRanking) throw new Error("ir_rrd was given a teacher without rankings of items and users");
    const workspace = createWorkspace(kernels);
    const sampler = (pool: number, temperature: number) =>
      params.sampling === "none" ? topSampler : rankExpSampler(pool, temperature);
    const userLists = createListTable(users, params.interesting, params.uninteresting, kernels);
    const itemLists = createListTable(items, params.item_interesting, params.item_uninteresting, kernels);
    const itemSource = {
      ranking,
      known: { offsets: train.offsets, ids: train.itemIds },
      pool: params.pool,
      sampler: sampler(params.pool, params.temperature),
      uniform: uniformSampler(items),
    };
    const userSource = {
      ranking: itemRanking,
      known: byItem(train),
      pool: params.item_pool,
      sampler: sampler(params.item_pool, params.item_temperature),
      uniform: uniformSampler(users),
    };
    /** The engine multiplies by `weight`. */
    const share = params.item_weight / params.weight;
    const listed = new Uint8Array(items);
    let userGroups: readonly ListGroup[] = [];
    let itemGroups: readonly ListGroup[] = [];

    /** Distinct items on the users' lists, ascending. */
    function itemsOn(groups: readonly ListGroup[]): Int32Array {
      listed.fill(0);
      let count = 0;
      for (const { list } of groups) {
        for (const item of list.others) {
          count += 1 - listed[item]!;
          listed[item] = 1;
        }
      }
      const found = new Int32Array(count);
      for (let item = 0, at = 0; at < count; item++) if (listed[item] === 1) found[at++] = item;
      return found;
    }

    return {
      startEpoch(epoch) {
        const stream = streams.stream("sampling", epoch);
        drawLists(userLists, itemSource, stream);
        drawLists(itemLists, userSource, stream);
        if (epoch > 0) return;
        noteShortLists(userLists, `users have fewer than ${params.interesting} ranked items`, note);
        noteShortLists(itemLists, `items have fewer than ${params.item_interesting} ranked users`, note);
      },
      request(batch) {
        userGroups = groupLists({
          table: userLists,
          side: "user",
          entities: batch.uniqueUsers,
          workspace,
          name: "users",
        });
        const entities = itemsOn(userGroups);
        itemGroups =
          share > 0 ? groupLists({ table: itemLists, side: "item", entities, workspace, name: "items" }) : [];
        return { scores: { ...listRequest("users", userGroups), ...listRequest("items", itemGroups) } };
      },
      loss: ({ tf, scores }) =>
        tf.add(
          listwiseLoss(tf, "users", userGroups, scores),
          tf.mul(listwiseLoss(tf, "items", itemGroups, scores), share),
        ),
      fused: {
        cpu: (io) =>
          fusedListwise(kernels, workspace, userGroups, io, io.weight) +
          share * fusedListwise(kernels, workspace, itemGroups, io, share * io.weight),
      },
    };
  },
});
