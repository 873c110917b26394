import {
  type Batch,
  defineLoss,
  float,
  int,
  type LossInstance,
  type ScoreList,
  type StudentView,
} from "@kdp/plugin-api";
import type { Scalar, Tensor2D } from "@tensorflow/tfjs-core";
import { sigmoid } from "../shared/logistic.js";
import { createWorkspace } from "../shared/workspace.js";
import { scorerScores, studentScores } from "./all-scores.js";
import { type Draws, drawByDiscrepancy } from "./discrepancy-draws.js";

const SOURCE = "BD (Kweon et al., WWW 2021), published code for BPR";
const NONE: Draws = { ids: new Int32Array(0), offsets: new Int32Array(0) };

/**
 * Bidirectional Distillation (BD, Kweon, Kang & Yu, WWW 2021): teacher and student learn together, each from what the other ranks
 * better. A copy of the teacher trains beside the student; the teacher's artefact stays as it is.
 *
 * L_S = base_S(u, i⁺, j_S) + weight · Σ BCE( σ(r^S_{u,j_S}), σ(r^T_{u,j_S} / temperature) )
 * L_T = base_T(u, i⁺, j_T) + teacher_weight · Σ BCE( σ(r^T_{u,j_T}), σ(r^S_{u,j_T} / temperature) )
 *
 * summed over the triplets of the step; each side's negatives are the items that it distils. Every `every` epochs both rank all
 * unseen items, and j is drawn with replacement: j_T ∝ e^(ε (rk_S - rk_T)), j_S ∝ tanh(max(ε_t (rk_T - rk_S), 0)), so that the
 * teacher corrects what the student ranks too high. Targets carry no gradient; both sides see the scores from before the step.
 * The paper trains both alone first: `warm_up` does so for the student, the teacher comes trained.
 */
export const bd = defineLoss({
  doc: "Bidirectional Distillation (WWW 2021): a copy of the teacher and the student learn together, each from what the other ranks better.",
  needs: ["scores"],
  teachers: "one",
  studentNeeds: [],
  learningTeacher: true,
  params: {
    weight: float({ default: 0.5, min: 0, doc: "λ of the student, a sum over triplets.", source: SOURCE }),
    teacher_weight: float({ default: 0.5, min: 0, doc: "λ of the teacher, a sum over triplets.", source: SOURCE }),
    every: int({ default: 10, min: 1, doc: "Epochs between two rankings of all items.", source: SOURCE }),
    epsilon: float({
      default: 1e-4,
      min: 0,
      doc: "ε: how much the teacher prefers items that it ranks higher than the student.",
      source: SOURCE,
    }),
    epsilon_teacher: float({
      default: 1e-2,
      min: 0,
      doc: "ε_t: how much the student prefers items that it ranks too high; 1e-4 for CDAE.",
      source: SOURCE,
    }),
    temperature: float({
      default: 5,
      min: 0,
      exclusiveMin: true,
      doc: "Softens the scores that are taught; 2 for CDAE.",
      source: SOURCE,
    }),
    teacher_learning_rate: float({
      default: 1e-3,
      min: 0,
      doc: "Step size of the teacher's Adam; 0 keeps the teacher as it is.",
      source: SOURCE,
    }),
    teacher_weight_decay: float({ default: 0, min: 0, doc: "L2 penalty of the teacher.", source: SOURCE }),
    warm_up: int({
      default: null,
      min: 0,
      doc: "Epochs that the student first trains alone; default half of its `epochs`.",
      source: "ours: 1000 epochs alone, then 100 together in the paper",
    }),
  },

  create({ params, users, items, train, streams, kernels, epochs, learner }): LossInstance {
    if (!learner) throw new Error("bd was given no teacher that can learn");
    const teacher = learner(0, {
      learningRate: params.teacher_learning_rate,
      weightDecay: params.teacher_weight_decay,
    });
    const workspace = createWorkspace(kernels);
    const warmUp = params.warm_up ?? Math.floor(epochs / 2);
    let epoch = 0;
    let view: StudentView | null = null;
    let draws: { readonly teacher: Draws; readonly student: Draws } = { teacher: NONE, student: NONE };
    /** Triplets of each user in an epoch, and how many of this epoch's draws each user has had. */
    const counts = new Int32Array(users);
    const taken = new Int32Array(users);
    let step: Step | null = null;

    const active = () => epoch >= warmUp;
    const placeInCycle = () => (epoch - warmUp) % params.every;
    /** The user's next draw of this epoch; `otherwise` for one who has none. */
    function next({ ids, offsets }: Draws, user: number, otherwise: number): number {
      const at = offsets[user]! + placeInCycle() * counts[user]! + taken[user]!;
      taken[user] = taken[user]! + 1;
      const item = at < offsets[user + 1]! ? ids[at]! : -1;
      return item < 0 ? otherwise : item;
    }

    function redraw(student: StudentView): void {
      draws = drawByDiscrepancy({
        train,
        counts,
        cycle: params.every,
        weights: { epsilon: params.epsilon, epsilonTeacher: params.epsilon_teacher },
        studentScores: studentScores(student, users, items),
        teacherScores: scorerScores(kernels, workspace, teacher.model.scorer(), users, items),
        stream: streams.stream("sampling", epoch),
      });
    }

    /** Lists of one item each, `[size, 1]`: the students' triplets with one of their items. */
    const pairs = (name: string, { users: ids, size }: Batch, others: Int32Array): ScoreList => {
      const own = workspace.i32(`${name}/users`, size);
      own.set(ids.subarray(0, size));
      return { side: "user", ids: own, others, rows: size, k: 1 };
    };
    /** σ(score / temperature) of a list under one of the models. */
    const softened = (name: string, list: ScoreList, score: (list: ScoreList, out: Float32Array) => void) => {
      const out = workspace.f32(name, list.rows);
      score(list, out);
      for (let at = 0; at < list.rows; at++) out[at] = sigmoid(out[at]! / params.temperature);
      return out;
    };

    return {
      startEpoch(now, student) {
        epoch = now;
        view = student;
      },

      drawNegatives(tripletUsers, negatives) {
        if (!active() || !view) return;
        counts.fill(0);
        for (const user of tripletUsers) counts[user] = counts[user]! + 1;
        if (placeInCycle() === 0) redraw(view);
        taken.fill(0);
        tripletUsers.forEach((user, t) => {
          negatives[t] = next(draws.student, user, negatives[t]!);
        });
        taken.fill(0);
      },

      request(batch) {
        step = null;
        if (!active() || !view) return {};
        const studentItems = workspace.i32("student/items", batch.size);
        const teacherItems = workspace.i32("teacher/items", batch.size);
        for (let t = 0; t < batch.size; t++) {
          studentItems[t] = batch.negatives[t]!;
          teacherItems[t] = next(draws.teacher, batch.users[t]!, batch.negatives[t]!);
        }
        const studentList = pairs("student", batch, studentItems);
        const teacherList = pairs("teacher", batch, teacherItems);
        const teacherBatch = withNegatives(batch, teacherItems);
        teacher.model.beginStep?.(teacherBatch);
        step = {
          studentList,
          teacherList,
          teacherBatch,
          studentTargets: softened("student/targets", studentList, (list, out) => teacher.model.scores(list, out)),
          teacherTargets: softened("teacher/targets", teacherList, view.scores),
        };
        return { scores: { student: studentList } };
      },

      loss({ tf, scores }): Scalar {
        if (!step) return tf.scalar(0);
        const x = scores.student as Tensor2D;
        const targets = tf.tensor2d(step.studentTargets.slice(), x.shape);
        return tf.sum(tf.sub(tf.softplus(x), tf.mul(targets, x)));
      },

      fused: {
        cpu({ student, weight }) {
          if (!step) return 0;
          const { studentList: list, studentTargets } = step;
          const logits = workspace.f32("logits", list.rows);
          student.scores(list, logits);
          const value = kernels.binaryCrossEntropy(logits, studentTargets, null, list.rows, weight, logits);
          student.addScoreGrads(list, logits);
          return value;
        },
      },

      afterStep() {
        if (!step) return;
        const { teacherList: list, teacherTargets, teacherBatch } = step;
        const { model } = teacher;
        model.baseLoss(teacherBatch, 1);
        const logits = workspace.f32("logits", list.rows);
        model.scores(list, logits);
        kernels.binaryCrossEntropy(logits, teacherTargets, null, list.rows, params.teacher_weight, logits);
        model.addScoreGrads(list, logits);
        model.endStep?.();
        teacher.step(teacherBatch);
      },

      carry: () => ({
        offsets: draws.student.offsets,
        teacher: draws.teacher.ids,
        student: draws.student.ids,
      }),

      restore({ offsets, teacher: forTeacher, student: forStudent }) {
        if (!(offsets instanceof Int32Array && forTeacher instanceof Int32Array && forStudent instanceof Int32Array)) {
          throw new Error("bd: the checkpoint holds no draws");
        }
        draws = { teacher: { ids: forTeacher, offsets }, student: { ids: forStudent, offsets } };
      },
    };

    /** The step as the teacher sees it. */
    function withNegatives(batch: Batch, negatives: Int32Array): Batch {
      const distinct = (name: string, values: Iterable<number>): Int32Array => {
        const sorted = Int32Array.from(new Set(values)).sort();
        const out = workspace.i32(name, sorted.length);
        out.set(sorted);
        return out;
      };
      const { epoch, step, size, users, positives, uniqueUsers, uniquePositives } = batch;
      return {
        epoch,
        step,
        size,
        users,
        positives,
        uniqueUsers,
        uniquePositives,
        negatives,
        uniqueNegatives: distinct("teacher/negatives", negatives),
        uniqueItems: distinct("teacher/all", [...uniquePositives, ...negatives]),
      };
    }
  },
});

/** What a step prepares before either side moves. */
interface Step {
  readonly studentList: ScoreList;
  readonly teacherList: ScoreList;
  readonly teacherBatch: Batch;
  /** Soft labels of the two lists. */
  readonly studentTargets: Float32Array;
  readonly teacherTargets: Float32Array;
}
