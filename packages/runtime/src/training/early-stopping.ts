/** A metric on valid whose best epoch is kept. */
export interface WatchedMetric {
  /** Key such as `ndcg@10`. */
  readonly metric: string;
  readonly higherIsBetter: boolean;
}

/** Which epochs a training keeps, and when it stops. */
export interface StoppingRule {
  /** The metric of `early_stop`, if any, and those of `keep_best`. */
  readonly watched: readonly WatchedMetric[];
  /** The metric whose best epoch becomes the model; null: the last epoch does. */
  readonly chosen: string | null;
  /** Evaluations without a better value of any watched metric before training stops; null: it never stops early. */
  readonly patience: number | null;
}

/** Best value of a metric so far. */
export interface Best {
  /** From 0. */
  readonly epoch: number;
  /** Higher is better: a falling metric with its sign turned. */
  readonly score: number;
}

/** Where a training stands with respect to its validation; survives a restart. */
export interface StoppingState {
  readonly best: Readonly<Record<string, Best>>;
  /** Evaluations since any metric was better, or since the losses' last change of phase. */
  readonly waited: number;
  readonly phase: number;
}

export const STOPPING_START: StoppingState = { best: {}, waited: 0, phase: 0 };

/** A phase of a loss's schedule that differs from the last one starts the count of `patience` anew. */
export const enterPhase = (state: StoppingState, phase: number): StoppingState =>
  phase === state.phase ? state : { ...state, phase, waited: 0 };

/** Only a strictly better value counts: ties keep the earlier epoch. NaN is never better. */
export function judge(
  state: StoppingState,
  epoch: number,
  values: Readonly<Record<string, number>>,
  rule: StoppingRule,
): { readonly state: StoppingState; readonly improved: readonly string[]; readonly stop: boolean } {
  const best = { ...state.best };
  const improved: string[] = [];
  for (const { metric, higherIsBetter } of rule.watched) {
    const value = values[metric] ?? Number.NaN;
    const score = higherIsBetter ? value : -value;
    const before = best[metric];
    if (Number.isNaN(score) || (before && score <= before.score)) continue;
    best[metric] = { epoch, score };
    improved.push(metric);
  }
  const waited = improved.length > 0 ? 0 : state.waited + 1;
  return { state: { ...state, best, waited }, improved, stop: rule.patience !== null && waited >= rule.patience };
}
