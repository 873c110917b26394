import type { RankingTable } from "@kdp/plugin-api";
import { DISTANCE_UNIT, listDistance } from "./membership-ndcg.js";

/** Distance of a pair that has not been measured yet. */
const UNKNOWN = -1;

export interface CurriculumOptions {
  /** Snapshot rankings of each teacher, earliest first. */
  readonly trajectories: readonly (readonly RankingTable[])[];
  readonly users: number;
  readonly items: number;
  /** Positions of the lists that are compared. */
  readonly depth: number;
  /** Epochs between two looks at the student. */
  readonly every: number;
  readonly alpha: number;
  readonly alphaDecay: number;
  /** Also show the next snapshot when the student has moved away from it, as the released code does. */
  readonly advanceOnWorse: boolean;
}

/**
 * Dynamic knowledge construction (HetComp, WWW 2023): for each user and teacher, which snapshot of the teacher's training is
 * shown. Every `every` epochs the student's list is compared with the next snapshot's; once it has come nearer by the factor
 * α·decay^(epoch / every), that snapshot is shown.
 */
export interface Curriculum {
  /** Index of the snapshot shown to each user by each teacher, `[users, teachers]`. */
  readonly states: Int32Array;
  /** Distance to the next snapshot when it was last measured, in ten-thousandths, -1 before. `[users, teachers]` */
  readonly distances: Int32Array;
  /** Looks at the student. @returns true when some state changed */
  update(epoch: number, student: RankingTable): boolean;
  /** True when, to two digits, all users are shown the last snapshot of every teacher. */
  converged(): boolean;
}

export function createCurriculum(options: CurriculumOptions): Curriculum {
  const { trajectories, users, depth } = options;
  const teachers = trajectories.length;
  const states = new Int32Array(users * teachers);
  const distances = new Int32Array(users * teachers).fill(UNKNOWN);
  const distance = listDistance(depth, options.items);

  const last = (teacher: number): number => trajectories[teacher]!.length - 1;
  const rowOf = ({ ids, k }: RankingTable, user: number): Int32Array =>
    ids.subarray(user * k, user * k + Math.min(k, depth));
  const measure = (student: RankingTable, user: number, teacher: number, snapshot: number): number => {
    const list = trajectories[teacher]![Math.min(snapshot, last(teacher))]!;
    return distance.between(rowOf(student, user), rowOf(list, user));
  };

  /** d = 0 (the student's list is the snapshot's) has nothing left to wait for; the released code divides by it. */
  function advances(before: number, now: number, threshold: number): boolean {
    if (now === 0) return true;
    const ratio = (before * DISTANCE_UNIT) / (now * DISTANCE_UNIT);
    return ratio > threshold || (options.advanceOnWorse && ratio < 1);
  }

  return {
    states,
    distances,
    update(epoch, student) {
      const threshold = options.alpha * options.alphaDecay ** Math.floor(epoch / options.every);
      let changed = false;
      for (let user = 0; user < users; user++) {
        for (let teacher = 0; teacher < teachers; teacher++) {
          const cell = user * teachers + teacher;
          const state = states[cell]!;
          if (state === last(teacher)) continue;
          if (distances[cell] === UNKNOWN) {
            distances[cell] = measure(student, user, teacher, state + 1);
          } else if (advances(distances[cell]!, measure(student, user, teacher, state + 1), threshold)) {
            states[cell] = state + 1;
            distances[cell] = measure(student, user, teacher, state + 2);
            changed = true;
          }
        }
      }
      return changed;
    },
    converged() {
      for (let teacher = 0; teacher < teachers; teacher++) {
        let sum = 0;
        for (let user = 0; user < users; user++) sum += states[user * teachers + teacher]!;
        if (Math.round((100 * sum) / users) !== 100 * last(teacher)) return false;
      }
      return true;
    },
  };
}
