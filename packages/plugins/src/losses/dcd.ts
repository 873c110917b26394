import { defineLoss, float, int, type LossInstance, type RankingTable } from "@kdp/plugin-api";
import { createListTable, groupLists, type ListGroup, rankedIn } from "./shared/list-table.js";
import { fusedListwise, listRequest, listwiseLoss } from "./shared/listwise-term.js";
import { noteShortLists } from "./shared/short-lists.js";
import { weightedSampler } from "./shared/weighted-sampling.js";
import { createWorkspace } from "./shared/workspace.js";

const SOURCE = "woriazzc/RCEKD, configuration DCD (third party; the authors' code is not public)";
/** Least weight of a ranked item, so that a list can always be filled. */
const FLOOR = 1e-5;
/** tanh(x) rounds to 1 beyond: ranks that differ by more than this times T need not be told apart. */
const SATURATED = 20;
/** Bytes of an item and its score in a ranking. */
const PLACE = 8;

/** max(tanh(max((far - near) / T, 0)), 1e-5): how much further down one ranking the item stands than in the other. */
const discrepancy = (far: number, near: number, temperature: number): number =>
  Math.max(Math.tanh(Math.max((far - near) / temperature, 0)), FLOOR);

/**
 * Dual Correction strategy (DCD, Lee & Kim, CIKM 2021), user side: corrects the items that the student misplaces most. Each epoch,
 * of the first `pool` items of the teacher's ranking, `items` are drawn that the student ranks too low and `items` that it
 * ranks too high, and the former are to stand above the latter, in the teacher's order.
 *
 * L_DCD = Σ_u PL( r_u,under ; r_u,over ), PL of `shared/plackett-luce`, over the distinct users of the step;
 * w_under = max(tanh(max((rk_S - rk_T) / T, 0)), 1e-5), w_over the same with the ranks exchanged, drawn without replacement
 *
 * Lists `[users, items + items]`, no item in both. The paper adds it to a plain ranking loss of the whole list: write
 * `distill(rrd(sampling: "none"), dcd())` for that. Its item side is not part of any code that could be read.
 */
export const dcd = defineLoss({
  doc: "Dual Correction (CIKM 2021), user side: items that the student ranks too low are to stand above those it ranks too high.",
  needs: ["ranking"],
  teachers: "one",
  studentNeeds: [],
  rankTop: "pool",
  rankingLength: ["items", "items"],
  // The lists of the epoch; the student's ranking that they are drawn by, as it is made and as it is read.
  memory: {
    bytes: [
      ["users", "params.items", 2 * 4],
      ["users", "pool", 2 * PLACE],
      ["users", "temperature", SATURATED, 2 * PLACE],
    ],
  },
  params: {
    weight: float({ default: 0.01, min: 0, doc: "λ, factor of the loss, which is a sum over users.", source: SOURCE }),
    items: int({ default: 100, min: 1, doc: "K, items of each of the two lists.", source: SOURCE }),
    pool: int({ default: 500, min: 2, doc: "Items of the teacher's ranking that are drawn from.", source: SOURCE }),
    temperature: float({
      default: 10,
      min: 0,
      exclusiveMin: true,
      doc: "T: differences in rank much larger than this weigh alike.",
      source: SOURCE,
    }),
  },

  create({ params, users, items, teachers, streams, kernels, note }): LossInstance {
    const ranking = teachers[0]?.ranking;
    if (!ranking) throw new Error("dcd was given a teacher without a ranking");
    const { temperature } = params;
    const table = createListTable(users, params.items, params.items, kernels);
    const workspace = createWorkspace(kernels);
    const sampler = weightedSampler(params.pool);
    const under = new Float64Array(params.pool);
    const over = new Float64Array(params.pool);
    const left = new Int32Array(params.pool);
    const studentRank = new Int32Array(items);
    let groups: readonly ListGroup[] = [];

    /** Draws the lists of one user. `top` ranks the student's items as deep as the weights can tell apart. */
    function drawFor(user: number, top: RankingTable, stream: ReturnType<typeof streams.stream>): void {
      const pool = rankedIn(ranking as RankingTable, user, params.pool);
      const own = (ranking as RankingTable).ids.subarray(user * (ranking as RankingTable).k);
      studentRank.fill(top.k);
      for (let r = 0; r < top.k && top.ids[user * top.k + r]! >= 0; r++) studentRank[top.ids[user * top.k + r]!] = r;
      for (let r = 0; r < pool; r++) {
        const rank = studentRank[own[r]!]!;
        under[r] = discrepancy(rank, r, temperature);
        over[r] = discrepancy(r, rank, temperature);
      }
      // Half of a short pool each, so that neither list eats up the other.
      const count = Math.min(params.items, pool >> 1);
      const at = user * 2 * params.items;
      const k = sampler.draw(stream, under, pool, count, table.ids, at);
      // What is drawn as too low cannot be drawn as too high.
      let free = 0;
      for (let r = 0, next = at; r < pool; r++) {
        if (next < at + k && table.ids[next] === r) next++;
        else {
          left[free] = r;
          over[free++] = over[r]!;
        }
      }
      const l = sampler.draw(stream, over, free, count, table.ids, at + k);
      for (let i = at; i < at + k; i++) table.ids[i] = own[table.ids[i]!]!;
      for (let i = at + k; i < at + k + l; i++) table.ids[i] = own[left[table.ids[i]!]!]!;
      table.ordered[user] = k;
      table.unordered[user] = l;
    }

    return {
      startEpoch(epoch, student) {
        const top = student.topK(Math.min(items, params.pool + Math.ceil(SATURATED * temperature)));
        const stream = streams.stream("sampling", epoch);
        for (let user = 0; user < users; user++) drawFor(user, top, stream);
        if (epoch === 0) noteShortLists(table, `users have fewer than 2 x ${params.items} ranked items`, note);
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
