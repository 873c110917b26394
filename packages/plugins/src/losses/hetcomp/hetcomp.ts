import { bool, defineLoss, float, int, type LossInstance, oneOf, type RankingTable } from "@kdp/plugin-api";
import { groupLists, type ListGroup } from "../shared/list-table.js";
import { listRequest } from "../shared/listwise-term.js";
import { createWorkspace } from "../shared/workspace.js";
import { createCurriculum } from "./curriculum.js";
import { observedLists } from "./observed-lists.js";
import { createRestMass } from "./rest-mass.js";
import { snapshotImportance } from "./snapshot-importance.js";
import { createTaughtLists } from "./taught-lists.js";
import { fusedTransfer, LISTS, plainTransfer, rankTerms, type Transfer } from "./transfer.js";

const SOURCE = "HetComp (Kang et al., WWW 2023), released code";

/**
 * HetComp (Kang et al., WWW 2023): compresses teachers of any families into one student, easy knowledge first. Each user is
 * shown a snapshot of each teacher's training, and the next one once the student has come nearer to it
 * (`curriculum.ts`); the shown snapshots' summed importance (`snapshot-importance.ts`) ranks the items that are taught.
 *
 * Phase 1, until all are shown the last snapshots (`overall_weight`): each listed item against all unlisted ones,
 *   L_O = -Σ_u Σ_{i in pos_u ∪ top_u} [ r_ui - log( e^r_ui + rest_K(u) ) ]
 * Phase 2 (`rank_weight`): the lists in their order above the unlisted items,
 *   L_R = PL(pos_u ; rest_K/2) + ½ ( PL(top_u[:K/2] ; rest_K/2) + PL(top_u[:K/10] ; rest_K/10) ), summed over users
 *
 * with rest_k(u) = Σ e^r_ui over items that are neither in train nor in top_u[:k], PL of `shared/plackett-luce`, and pos_u the first
 * `observed` train items in the teachers' order. Users are the distinct users of the step; lists `[users, observed + top]`.
 * The student's own loss stays out, as in the released code (`base_loss: true` adds it): the observed lists carry the labels.
 */
export const hetcomp = defineLoss({
  cacheVersion: 1,
  doc: "HetComp (WWW 2023): compresses heterogeneous teachers into one student, following each teacher's training from easy to hard, per user.",
  needs: ["trajectory", "scores"],
  teachers: "many",
  studentNeeds: [],
  params: {
    weight: float({ default: 1, min: 0, doc: "Factor of both phases.", source: SOURCE }),
    overall_weight: float({ default: 0.01, min: 0, doc: "Factor of the first phase.", source: SOURCE }),
    rank_weight: float({ default: 0.005, min: 0, doc: "Factor of the ranking phase.", source: SOURCE }),
    top: int({ default: 100, min: 1, doc: "K, unseen items taught per user.", source: SOURCE }),
    observed: int({
      default: null,
      min: 1,
      doc: "Train items taught per user, in the teachers' order; default K / 10.",
      source: SOURCE,
    }),
    every: int({ default: 10, min: 1, doc: "p, epochs between two looks at the student.", source: SOURCE }),
    alpha: float({
      default: 1.05,
      min: 0,
      doc: "How much nearer (as a factor) the student must have come before the next snapshot is shown.",
      source: SOURCE,
    }),
    alpha_decay: float({
      default: 0.995,
      min: 0,
      exclusiveMin: true,
      max: 1,
      doc: "Factor on alpha at every look, so that no user waits for ever.",
      source: SOURCE,
    }),
    compare: int({ default: 50, min: 1, doc: "Positions of the lists that are compared.", source: SOURCE }),
    advance_on_worse: bool({
      default: true,
      doc: "Show the next snapshot also when the student has moved away from it.",
      source: "on in the released code, off in the review copy",
    }),
    rank_variant: oneOf(["released", "review"], {
      default: "released",
      doc: "Ranking loss: of the first K/2 and K/10 (released), or of all K at once (review).",
      source: "released code; review copy of the code",
    }),
    base_loss: bool({ default: false, doc: "Add the student's own loss.", source: SOURCE }),
    patience_reset: bool({
      default: true,
      doc: "Count `patience` anew when the ranking phase begins; the released code does not and may stop before it.",
      source: "ours",
    }),
    rank_scale: float({
      default: 10,
      min: 0,
      exclusiveMin: true,
      doc: "λ: how fast importance falls with rank.",
      source: "ConCF (WWW 2022)",
    }),
    spread_scale: float({
      default: 100,
      min: 0,
      exclusiveMin: true,
      doc: "λ′: how fast importance falls with the spread of ranks over the snapshots.",
      source: "ConCF (WWW 2022), released code",
    }),
    consistency: bool({
      default: true,
      doc: "Let ranks that the snapshots agree on count more.",
      source: "HetComp, eq. 8, after ConCF",
    }),
  },

  create({ params, users, items, train, teachers, kernels, note }): LossInstance {
    const trajectories = teachers.map(({ name, trajectory }): readonly RankingTable[] => {
      if (!trajectory || trajectory.length === 0) throw new Error(`hetcomp was given ${name} without a trajectory`);
      return trajectory;
    });
    for (const [i, { length }] of trajectories.entries()) {
      if (length === 1) note(`${teachers[i]?.name} has a single snapshot: nothing to follow`);
    }
    const workspace = createWorkspace(kernels);
    const observedCount = params.observed ?? Math.max(1, Math.floor(params.top / 10));
    const { top } = params;
    const lists = createTaughtLists({
      kernels,
      train,
      trajectories,
      importance: trajectories.map((trajectory) =>
        snapshotImportance(trajectory, {
          items,
          depth: top,
          rankScale: params.rank_scale,
          spreadScale: params.spread_scale,
          consistency: params.consistency,
        }),
      ),
      observed: observedLists({ teachers, train, count: observedCount, rankScale: params.rank_scale, workspace }),
      observedCount,
      top,
    });
    // Places past the end of the snapshots' lists could never be won: no student would arrive.
    const listed = Math.min(...trajectories.flat().map(({ k }) => k));
    const compare = Math.min(params.compare, listed);
    if (compare < params.compare) note(`snapshots list ${listed} items: so many are compared, not ${params.compare}`);
    const curriculum = createCurriculum({
      trajectories,
      users,
      items,
      depth: compare,
      every: params.every,
      alpha: params.alpha,
      alphaDecay: params.alpha_decay,
      advanceOnWorse: params.advance_on_worse,
    });
    const restMass = createRestMass(kernels, workspace, items);
    const phases: readonly [Transfer, Transfer] = [
      { kind: "overall", rest: top, weight: params.overall_weight },
      { kind: "rank", terms: rankTerms(params.rank_variant, top), weight: params.rank_weight },
    ];
    let phase: 0 | 1 = 0;
    let groups: readonly ListGroup[] = [];

    function settle(): void {
      lists.rebuild(curriculum.states);
      phase = curriculum.converged() ? 1 : 0;
    }
    settle();

    return {
      ...(params.base_loss ? {} : { baseWeight: 0 }),

      startEpoch(epoch, student) {
        if (phase === 1 || epoch === 0 || epoch % params.every !== 0) return;
        if (curriculum.update(epoch, student.topK(compare))) settle();
      },

      request(batch) {
        const entities = batch.uniqueUsers;
        groups = groupLists({ table: lists.table, side: "user", entities, workspace, name: LISTS, shortest: 1 });
        return { scores: listRequest(LISTS, groups), allScores: entities };
      },

      loss: (io) => plainTransfer(io, groups, phases[phase], lists.excluded),

      fused: {
        cpu: (io) =>
          fusedTransfer(
            { kernels, workspace, restMass, groups, transfer: phases[phase], excluded: lists.excluded },
            io,
          ),
      },

      phase: () => (params.patience_reset ? phase : 0),

      carry: () => ({ states: curriculum.states.slice(), distances: curriculum.distances.slice() }),

      restore(carry) {
        for (const name of ["states", "distances"] as const) {
          const saved = carry[name];
          if (!(saved instanceof Int32Array) || saved.length !== curriculum[name].length) {
            throw new Error(`hetcomp: the checkpoint holds no ${name} of ${curriculum[name].length} numbers`);
          }
          curriculum[name].set(saved);
        }
        settle();
      },
    };
  },
});
