import type { Parameter, RankingTable } from "@kdp/plugin-api";
import type { CurvePoint } from "../tables/curves.js";
import { pack, unpack } from "./checkpoint-codec.js";
import { OBJECTIVE_START, type ObjectiveState } from "./divergence.js";
import type { StoppingState } from "./early-stopping.js";
import type { Optimiser } from "./optimiser.js";
import type { Snapshot } from "./snapshots.js";
import type { BoundLoss } from "./term.js";

/** Parameters with the optimiser that moves them: the student's, and those of each teacher that learns beside it. */
export interface Learning {
  readonly name: string;
  readonly parameters: readonly Parameter[];
  readonly optimiser: Optimiser;
}

/** What a training is made of besides its settings: everything that a checkpoint must hold. */
export interface LiveState {
  readonly learning: readonly Learning[];
  readonly losses: readonly BoundLoss[];
}

/** Bookkeeping of the training loop. */
export interface Progress {
  /** Epochs done. */
  readonly epochs: number;
  /** True when nothing is left to train. */
  readonly finished: boolean;
  readonly stopping: StoppingState;
  readonly curve: readonly CurvePoint[];
  readonly snapshots: readonly Snapshot[];
  /** The model's parameters, by name, at the best epoch of each watched metric that has been measured. */
  readonly kept: Readonly<Record<string, Readonly<Record<string, Float32Array>>>>;
  readonly objective: ObjectiveState;
}

type Arrays = Record<string, Float32Array | Int32Array>;

interface Header {
  /** Raise it when the meaning of a checkpoint changes: older ones are then ignored. */
  readonly format: 1;
  readonly epochs: number;
  readonly finished: boolean;
  readonly stopping: StoppingState;
  readonly curve: readonly CurvePoint[];
  readonly snapshots: readonly { readonly epochs: number; readonly rows: number; readonly k: number }[];
  /** Names of the parameters kept for each metric, in order. */
  readonly kept: Readonly<Record<string, readonly string[]>>;
  readonly steps: Readonly<Record<string, number>>;
  /** Absent in checkpoints of before: the first steps after the restart then stand for the untrained model. */
  readonly objective?: ObjectiveState;
}

/** Every array of the live state, by a name of its own. */
function liveArrays(live: LiveState): Arrays {
  const arrays: Arrays = {};
  for (const { name, parameters, optimiser } of live.learning) {
    parameters.forEach(({ value }, i) => {
      arrays[`${name}/parameter/${i}`] = value;
    });
    for (const [key, values] of Object.entries(optimiser.state)) arrays[`${name}/optimiser/${key}`] = values;
  }
  return arrays;
}

export function encodeState(live: LiveState, progress: Progress): Uint8Array {
  const arrays = liveArrays(live);
  live.losses.forEach((loss, i) => {
    for (const [key, values] of Object.entries(loss.instance.carry?.() ?? {})) arrays[`loss/${i}/${key}`] = values;
  });
  progress.snapshots.forEach(({ ranking }, i) => {
    arrays[`snapshot/${i}`] = ranking.ids;
  });
  for (const [metric, tables] of Object.entries(progress.kept)) {
    for (const [name, values] of Object.entries(tables)) arrays[`kept/${metric}/${name}`] = values;
  }
  const header: Header = {
    format: 1,
    epochs: progress.epochs,
    finished: progress.finished,
    stopping: progress.stopping,
    curve: progress.curve,
    snapshots: progress.snapshots.map(({ epochs, ranking }) => ({ epochs, rows: ranking.rows, k: ranking.k })),
    kept: Object.fromEntries(Object.entries(progress.kept).map(([metric, tables]) => [metric, Object.keys(tables)])),
    steps: Object.fromEntries(live.learning.map(({ name, optimiser }) => [name, optimiser.steps])),
    objective: progress.objective,
  };
  return pack({ header, arrays });
}

/**
 * Puts a saved state back into parameters, optimisers and losses.
 * @returns the progress, or null when the bytes were written by another version or for another shape of training; then
 * nothing was changed and training starts from the beginning
 */
export function restoreState(live: LiveState, bytes: Uint8Array): Progress | null {
  const packed = readPacked(bytes);
  if (!packed) return null;
  const { header, arrays } = packed;
  const wanted = liveArrays(live);
  const fits = Object.entries(wanted).every(([name, values]) => {
    const saved = arrays[name];
    return saved !== undefined && saved.length === values.length && saved.constructor === values.constructor;
  });
  if (!fits) return null;
  for (const [name, values] of Object.entries(wanted)) values.set(arrays[name] as Float32Array & Int32Array);
  for (const { name, optimiser } of live.learning) optimiser.steps = header.steps[name] ?? 0;
  live.losses.forEach((loss, i) => {
    const prefix = `loss/${i}/`;
    const carried = Object.entries(arrays).filter(([name]) => name.startsWith(prefix));
    if (loss.instance.restore && carried.length > 0) {
      loss.instance.restore(Object.fromEntries(carried.map(([name, values]) => [name.slice(prefix.length), values])));
    }
  });
  return {
    epochs: header.epochs,
    finished: header.finished,
    stopping: header.stopping,
    curve: header.curve,
    objective: header.objective ?? OBJECTIVE_START,
    snapshots: header.snapshots.map(({ epochs, rows, k }, i) => ({
      epochs,
      ranking: { rows, k, ids: arrays[`snapshot/${i}`] as Int32Array, scores: null } satisfies RankingTable,
    })),
    kept: Object.fromEntries(
      Object.entries(header.kept).map(([metric, names]) => [
        metric,
        Object.fromEntries(names.map((name) => [name, arrays[`kept/${metric}/${name}`] as Float32Array])),
      ]),
    ),
  };
}

function readPacked(bytes: Uint8Array): { readonly header: Header; readonly arrays: Arrays } | null {
  try {
    const { header, arrays } = unpack(bytes);
    return (header as Partial<Header> | null)?.format === 1 ? { header: header as Header, arrays } : null;
  } catch {
    // Whatever cannot be read is no checkpoint: training from the beginning gives the same result, only later.
    return null;
  }
}
