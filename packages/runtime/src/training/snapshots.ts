import type { RankingTable } from "@kdp/plugin-api";

/** Length of the rankings of snapshots: what losses and metrics read of a trajectory. */
export const SNAPSHOT_LENGTH = 100;

/** Rankings at one epoch of a training. */
export interface Snapshot {
  /** Epochs trained: 1 after the first. */
  readonly epochs: number;
  readonly ranking: RankingTable;
}

/**
 * Which epochs a trajectory shows: round(kE/n) for k = 1 … n, E being the epochs of the model that is kept.
 */
export const snapshotEpochs = (count: number, epochs: number): readonly number[] =>
  Array.from({ length: count }, (_, k) => Math.max(1, Math.round(((k + 1) * epochs) / count)));

/** Collects snapshots while a model trains. */
export interface SnapshotPlan {
  /** True when the ranking after so many epochs may be wanted. */
  wants(epochs: number): boolean;
  add(snapshot: Snapshot): void;
  /** The trajectory of the kept model, earliest first, without its last point (the model itself). */
  select(keptEpochs: number): readonly Snapshot[];
  /** Collected so far, for the checkpoint. */
  readonly collected: readonly Snapshot[];
}

/**
 * Where the kept epoch is known beforehand, its exact epochs are taken. With early stopping it is known only at the end:
 * then an even grid is kept that gets coarser as training goes on (at most 4 snapshots for each that is wanted), and the nearest
 * to the exact epochs are chosen.
 */
export function planSnapshots(options: {
  readonly count: number;
  readonly epochs: number;
  readonly earlyStop: boolean;
  readonly restored: readonly Snapshot[];
}): SnapshotPlan {
  const { count, epochs, earlyStop } = options;
  const exact = new Set(earlyStop ? [] : snapshotEpochs(count, epochs).slice(0, -1));
  let collected = [...options.restored];
  const limit = 4 * count;
  // The stride is a function of what is held, so that a resumed training keeps the same grid.
  const stride = () => {
    let s = 1;
    while (collected.length > 0 && (collected.at(-1)?.epochs ?? 0) / s > limit) s *= 2;
    return s;
  };

  return {
    wants: (done) => count > 1 && (earlyStop ? done % stride() === 0 : exact.has(done)),
    add(snapshot) {
      collected.push(snapshot);
      const s = stride();
      if (earlyStop) collected = collected.filter((kept) => kept.epochs % s === 0);
    },
    select(keptEpochs) {
      return snapshotEpochs(count, keptEpochs)
        .slice(0, -1)
        .map((wanted) => nearest(collected, wanted))
        .filter((found) => found !== null);
    },
    get collected() {
      return collected;
    },
  };
}

function nearest(snapshots: readonly Snapshot[], epochs: number): Snapshot | null {
  let best: Snapshot | null = null;
  for (const snapshot of snapshots) {
    if (!best || Math.abs(snapshot.epochs - epochs) < Math.abs(best.epochs - epochs)) best = snapshot;
  }
  return best;
}
