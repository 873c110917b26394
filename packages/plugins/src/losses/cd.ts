import {
  defineLoss,
  float,
  int,
  type LossInstance,
  oneOf,
  type RandomStream,
  type RankingTable,
} from "@kdp/plugin-api";
import { createListTable, groupLists, type ListGroup, rankedIn } from "./shared/list-table.js";
import { fusedScores, listRequest, sumOverGroups } from "./shared/listwise-term.js";
import { sigmoid, softplus } from "./shared/logistic.js";
import { expRankDraw } from "./shared/rank-sampling.js";
import { noteShortLists } from "./shared/short-lists.js";
import { createWorkspace } from "./shared/workspace.js";

const SOURCE = "woriazzc/RCEKD, configuration CD (third party; the authors' code is not public)";
/** Draws per wanted item after which the best of the rest are taken: a pool hardly larger than the list. */
const PATIENCE = 50;

/**
 * Collaborative Distillation (CD, Lee et al., ICDM 2019): the student learns the teacher's softened preference for sampled items
 * that the user has not seen.
 *
 * L_CD = -Σ_u Σ_{i in S(u)} [ q_ui log p_ui + (1 - q_ui) log(1 - p_ui) ], p = σ(student's score),
 * q = σ((teacher's score + shift) / temperature), over the distinct users of the step
 *
 * S(u) holds `items` distinct items of the first `pool` of a ranking, drawn each epoch with p(rank) ∝ e^(-(rank / pool) / spread);
 * of every two candidates the better ranked one is kept. The ranking is the teacher's, or the student's own (`guide`, which the
 * paper found better); items that the teacher has no score for are left out. Lists `[users, items]`.
 */
export const cd = defineLoss({
  doc: "Collaborative Distillation (ICDM 2019): the teacher's softened preferences for sampled unseen items, by cross-entropy.",
  needs: ["ranking", "scores"],
  teachers: "one",
  studentNeeds: [],
  rankTop: "pool",
  // The lists of the epoch and what the teacher says of them. A guiding student's ranking is made and let go of each epoch.
  memory: { bytes: [["users", "params.items", 4 + 4]] },
  params: {
    weight: float({
      default: 0.1,
      min: 0,
      doc: "λ, factor of the loss, which is a sum over users.",
      source: "ours: no default could be read",
    }),
    items: int({
      default: 30,
      min: 1,
      doc: "Items taught per user and epoch.",
      source: "chengang95/UnKD (third party)",
    }),
    pool: int({ default: 3000, min: 1, doc: "Items of the guiding ranking that are drawn from.", source: SOURCE }),
    spread: float({
      default: 20,
      min: 0,
      exclusiveMin: true,
      doc: "Evenness of the draw over the pool: at 20 nearly uniform, below 1 the top dominates.",
      source: SOURCE,
    }),
    guide: oneOf(["teacher", "student"], {
      default: "teacher",
      doc: "Whose ranking guides the draw.",
      source: "CD-TG and CD-SG of the paper; third-party code calls the teacher",
    }),
    temperature: float({
      default: 2,
      min: 0,
      exclusiveMin: true,
      doc: "Softens the teacher's scores.",
      source: `${SOURCE}: t1`,
    }),
    shift: float({ default: 0, doc: "Added to the teacher's scores before softening.", source: `${SOURCE}: t2` }),
  },

  create({ params, users, teachers, streams, kernels, note }): LossInstance {
    const teacher = teachers[0];
    if (!teacher?.ranking || !teacher.scores) throw new Error("cd was given a teacher without ranking or scores");
    const { ranking } = teacher;
    const scoresOf = teacher.scores.bind(teacher);
    const workspace = createWorkspace(kernels);
    const table = createListTable(users, params.items, 0);
    /** q of the listed items `[users, items]`. */
    const targets = new Float32Array(users * params.items);
    let groups: readonly ListGroup[] = [];

    function drawFor(user: number, guide: RankingTable, stream: RandomStream): void {
      const pool = rankedIn(guide, user, params.pool);
      const drawn = drawDistinct(stream, pool, params.items, params.pool * params.spread);
      const at = user * params.items;
      table.ordered[user] = drawn.length;
      drawn.forEach((place, i) => {
        table.ids[at + i] = guide.ids[user * guide.k + place]!;
      });
    }

    /** The teacher's softened preferences for what was drawn; items that it has no score for are taken off the lists. */
    function setTargets(): void {
      const entities = Int32Array.from({ length: users }, (_, u) => u);
      for (const { list } of groupLists({ table, side: "user", entities, workspace, name: "targets", shortest: 1 })) {
        const scores = workspace.f32("teacher", list.rows * list.k);
        scoresOf(list, scores);
        for (let row = 0; row < list.rows; row++) {
          const user = list.ids[row]!;
          let kept = 0;
          for (let at = row * list.k; at < (row + 1) * list.k; at++) {
            const score = scores[at]!;
            if (score === Number.NEGATIVE_INFINITY) continue;
            const place = user * params.items + kept++;
            table.ids[place] = list.others[at]!;
            targets[place] = sigmoid((score + params.shift) / params.temperature);
          }
          table.ordered[user] = kept;
        }
      }
    }

    /** q of a group's lists `[rows, k]`. */
    function targetsOf({ list }: ListGroup): Float32Array {
      const out = new Float32Array(list.rows * list.k);
      for (let row = 0; row < list.rows; row++) {
        const at = list.ids[row]! * params.items;
        out.set(targets.subarray(at, at + list.k), row * list.k);
      }
      return out;
    }

    return {
      startEpoch(epoch, student) {
        const guide = params.guide === "student" ? student.topK(params.pool) : ranking;
        const stream = streams.stream("sampling", epoch);
        for (let user = 0; user < users; user++) drawFor(user, guide, stream);
        setTargets();
        const what = params.guide === "teacher" ? "ranked items" : "items on their lists that the teacher scores";
        if (epoch === 0) noteShortLists(table, `users have fewer than ${params.items} ${what}`, note);
      },

      request(batch) {
        const entities = batch.uniqueUsers;
        groups = groupLists({ table, side: "user", entities, workspace, name: "lists", shortest: 1 });
        return { scores: listRequest("lists", groups) };
      },

      // -[q log σ(x) + (1 - q) log(1 - σ(x))] = softplus(x) - q x
      loss: ({ tf, scores }) =>
        sumOverGroups(tf, "lists", groups, scores, (group, found) => {
          const q = tf.tensor2d(targetsOf(group), [group.list.rows, group.list.k]);
          return tf.sum(tf.sub(tf.softplus(found), tf.mul(q, found)));
        }),

      fused: {
        cpu: (io) =>
          fusedScores(workspace, groups, io, (group, scores, grads) => {
            const q = targetsOf(group);
            let value = 0;
            for (let at = 0; at < q.length; at++) {
              const x = scores[at]!;
              value += softplus(x) - q[at]! * x;
              grads[at] = io.weight * (sigmoid(x) - q[at]!);
            }
            return value;
          }),
      },
    };
  },
});

/** `count` distinct ranks of `0 .. pool - 1`, each the better of two draws; ascending. */
function drawDistinct(stream: RandomStream, pool: number, count: number, temperature: number): Int32Array {
  if (pool <= count) return Int32Array.from({ length: pool }, (_, r) => r);
  const draw = expRankDraw(pool, temperature);
  const drawn = new Set<number>();
  for (let tries = 0; drawn.size < count && tries < PATIENCE * count; tries++) {
    drawn.add(Math.min(draw(stream), draw(stream)));
  }
  for (let r = 0; drawn.size < count; r++) drawn.add(r);
  return Int32Array.from(drawn).sort();
}
