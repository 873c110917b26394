import type { FusedIO, Kernels, TensorIO } from "@kdp/plugin-api";
import type { Scalar, Tensor2D } from "@tensorflow/tfjs-core";
import type { ListGroup } from "../shared/list-table.js";
import { sumOverGroups } from "../shared/listwise-term.js";
import { plackettLuce } from "../shared/plackett-luce.js";
import type { Workspace } from "../shared/workspace.js";
import type { Excluded, RestMass } from "./rest-mass.js";

/** One Plackett–Luce term: the first `length` of a list, in order, above the rest, which leaves out the first `rest` top items. */
export interface RankTerm {
  readonly list: "observed" | "top";
  readonly length: number;
  readonly rest: number;
  readonly factor: number;
}

/** What is transferred in a phase: items above the rest whatever their order, or in order. */
export type Transfer =
  | { readonly kind: "overall"; readonly rest: number; readonly weight: number }
  | { readonly kind: "rank"; readonly terms: readonly RankTerm[]; readonly weight: number };

/** Name of the lists in a step's request. */
export const LISTS = "lists";
/** Stands for log 0: nothing is left. */
const NOTHING = -1e30;

const largestRest = (transfer: Transfer): number =>
  transfer.kind === "overall" ? transfer.rest : Math.max(...transfer.terms.map((term) => term.rest));

/** Length of a term's list in a group: short lists give what they have. */
const lengthIn = ({ list, length }: RankTerm, { k, l }: ListGroup): number =>
  list === "observed" ? k : Math.min(length, l);

/**
 * The transfer of a step in TensorFlow.js, from the scores of all items: every rest mass in its own pass, as the equations say.
 * Returns the value times the phase's weight.
 */
export function plainTransfer(
  io: TensorIO,
  groups: readonly ListGroup[],
  transfer: Transfer,
  excluded: (k: number) => Excluded,
): Scalar {
  const { tf, allScores, batch, scores } = io;
  if (!allScores) throw new Error("hetcomp was given no scores of all items");
  const items = allScores.shape[1];
  const sum = sumOverGroups(tf, LISTS, groups, scores, (group, found) => {
    const { ids, rows } = group.list;
    const places = Int32Array.from(ids.subarray(0, rows), (user) => batch.uniqueUsers.indexOf(user));
    const everything = tf.gather(allScores, tf.tensor1d(places, "int32")) as Tensor2D;
    const restOf = (k: number): Tensor2D => {
      const mask = maskOf(excluded(k), ids.subarray(0, rows), items);
      return tf.logSumExp(tf.add(everything, tf.tensor2d(mask, [rows, items])), 1, true) as Tensor2D;
    };
    if (transfer.kind === "overall") return tf.sum(tf.softplus(tf.sub(restOf(transfer.rest), found)));
    return transfer.terms.reduce<Scalar>((total, term) => {
      const length = lengthIn(term, group);
      if (length === 0) return total;
      const list = tf.slice(found, [0, term.list === "observed" ? 0 : group.k], [rows, length]);
      const loss = plackettLuce(tf, tf.concat([list, restOf(term.rest)], 1), length);
      return tf.add(total, tf.mul(loss, term.factor));
    }, tf.scalar(0));
  });
  return tf.mul(sum, transfer.weight);
}

function maskOf({ offsets, ids }: Excluded, users: Int32Array, items: number): Float32Array {
  const mask = new Float32Array(users.length * items);
  users.forEach((user, r) => {
    for (let at = offsets[user]!; at < offsets[user + 1]!; at++) mask[r * items + ids[at]!] = NOTHING;
  });
  return mask;
}

export interface FusedTransferOptions {
  readonly kernels: Kernels;
  readonly workspace: Workspace;
  readonly restMass: RestMass;
  readonly groups: readonly ListGroup[];
  readonly transfer: Transfer;
  readonly excluded: (k: number) => Excluded;
}

/**
 * The same with one pass over all items: the rest of the shorter lists is that of the longest plus the listed items between,
 * which simply join the unordered part. Adds `io.weight` times the gradient; returns the value times the phase's weight.
 */
export function fusedTransfer(options: FusedTransferOptions, io: FusedIO): number {
  const { workspace, restMass, groups, transfer } = options;
  const excluded = options.excluded(largestRest(transfer));
  const weight = io.weight * transfer.weight;
  let value = 0;
  for (const group of groups) {
    const { list } = group;
    const { rows } = list;
    const users = list.ids.subarray(0, rows);
    const scores = workspace.f32("scores", rows * list.k);
    const dScores = workspace.f32("dScores", rows * list.k);
    const logs = workspace.f32("logs", rows);
    const dLogs = workspace.f32("dLogs", rows);
    io.student.scores(list, scores);
    dScores.fill(0);
    dLogs.fill(0);
    const step: GroupStep = { ...options, group, scores, dScores, logs, dLogs };
    restMass(io.student, users, excluded, logs, {
      dOut: dLogs,
      differentiate(from, to) {
        const part = rowsOf(step, from, to);
        value += transfer.kind === "overall" ? overall(part, weight) : ranked(part, transfer.terms, weight);
      },
    });
    io.student.addScoreGrads(list, dScores);
  }
  return transfer.weight * value;
}

interface GroupStep extends FusedTransferOptions {
  readonly group: ListGroup;
  readonly scores: Float32Array;
  readonly dScores: Float32Array;
  readonly logs: Float32Array;
  readonly dLogs: Float32Array;
}

/** Some rows of a group. */
interface GroupRows extends GroupStep {
  readonly rows: number;
}

function rowsOf(step: GroupStep, from: number, to: number): GroupRows {
  const { k } = step.group.list;
  return {
    ...step,
    rows: to - from,
    scores: step.scores.subarray(from * k, to * k),
    dScores: step.dScores.subarray(from * k, to * k),
    logs: step.logs.subarray(from, to),
    dLogs: step.dLogs.subarray(from, to),
  };
}

/** Σ softplus(rest - r): each listed item against the rest. */
function overall(part: GroupRows, weight: number): number {
  const { kernels, workspace, group, rows, scores, dScores, logs, dLogs } = part;
  const { k } = group.list;
  const gaps = workspace.f32("gaps", rows * k);
  const labels = workspace.f32("labels", rows * k).fill(1);
  for (let r = 0; r < rows; r++) {
    const log = Math.max(logs[r]!, NOTHING);
    for (let at = r * k; at < (r + 1) * k; at++) gaps[at] = scores[at]! - log;
  }
  const value = kernels.binaryCrossEntropy(gaps, labels, null, rows * k, weight, dScores);
  for (let r = 0; r < rows; r++) {
    let slope = 0;
    for (let at = r * k; at < (r + 1) * k; at++) slope -= dScores[at]!;
    dLogs[r] = slope;
  }
  return value;
}

function ranked(part: GroupRows, terms: readonly RankTerm[], weight: number): number {
  const { kernels, workspace, group, rows, scores, dScores, logs, dLogs } = part;
  const stride = group.list.k;
  const widest = Math.max(...terms.map((term) => term.rest));
  let value = 0;
  for (const term of terms) {
    const length = lengthIn(term, group);
    if (length === 0) continue;
    const from = term.list === "observed" ? 0 : group.k;
    // Top items that the term's own rest holds but the pass over all items left out.
    const between = [Math.min(term.rest, group.l), Math.min(widest, group.l)] as const;
    const loose = between[1] - between[0];
    const width = length + loose + 1;
    const line = workspace.f32("line", rows * width);
    const dLine = workspace.f32("dLine", rows * width);
    for (let r = 0; r < rows; r++) {
      const own = scores.subarray(r * stride, (r + 1) * stride);
      line.set(own.subarray(from, from + length), r * width);
      line.set(own.subarray(group.k + between[0], group.k + between[1]), r * width + length);
      line[(r + 1) * width - 1] = Math.max(logs[r]!, NOTHING);
    }
    value += term.factor * kernels.plackettLuce(line, rows, length, loose + 1, term.factor * weight, dLine);
    for (let r = 0; r < rows; r++) {
      const own = dScores.subarray(r * stride, (r + 1) * stride);
      const at = r * width;
      for (let i = 0; i < length; i++) own[from + i] = own[from + i]! + dLine[at + i]!;
      for (let i = 0; i < loose; i++) {
        const c = group.k + between[0] + i;
        own[c] = own[c]! + dLine[at + length + i]!;
      }
      dLogs[r] = dLogs[r]! + dLine[at + width - 1]!;
    }
  }
  return value;
}

/** Terms of the ranking phase in the released code, and in the review copy. */
export function rankTerms(variant: "released" | "review", top: number): readonly RankTerm[] {
  if (variant === "review") {
    return [
      { list: "observed", length: 0, rest: top, factor: 1 },
      { list: "top", length: top, rest: top, factor: 1 },
    ];
  }
  const [half, tenth] = [Math.max(1, top >> 1), Math.max(1, Math.floor(top / 10))];
  return [
    { list: "observed", length: 0, rest: half, factor: 1 },
    { list: "top", length: half, rest: half, factor: 0.5 },
    { list: "top", length: tenth, rest: tenth, factor: 0.5 },
  ];
}
