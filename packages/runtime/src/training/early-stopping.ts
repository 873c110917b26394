/** Where a training stands with respect to its validation metric; survives a restart. */
export interface StoppingState {
  /** Epoch (from 0) of the best value so far, -1 before the first evaluation. */
  readonly bestEpoch: number;
  readonly bestValue: number;
  /** Evaluations since then, or since the losses' last change of phase. */
  readonly waited: number;
  readonly phase: number;
}

export const STOPPING_START: StoppingState = {
  bestEpoch: -1,
  bestValue: Number.NEGATIVE_INFINITY,
  waited: 0,
  phase: 0,
};

export interface StoppingRule {
  /** Key of the metric that chooses the epoch: `ndcg@10`. */
  readonly metric: string;
  readonly higherIsBetter: boolean;
  /** Evaluations without a better value before training stops. */
  readonly patience: number;
}

/** A phase of a loss's schedule that differs from the last one starts the count of `patience` anew. */
export const enterPhase = (state: StoppingState, phase: number): StoppingState =>
  phase === state.phase ? state : { ...state, phase, waited: 0 };

/** Only a strictly better value counts: ties keep the earlier epoch (`methods.md`, Appendix B 6). NaN is never better. */
export function judge(
  state: StoppingState,
  epoch: number,
  value: number,
  rule: StoppingRule,
): { readonly state: StoppingState; readonly improved: boolean; readonly stop: boolean } {
  const score = rule.higherIsBetter ? value : -value;
  if (score > state.bestValue) {
    return { state: { ...state, bestEpoch: epoch, bestValue: score, waited: 0 }, improved: true, stop: false };
  }
  const waited = state.waited + 1;
  return { state: { ...state, waited }, improved: false, stop: waited >= rule.patience };
}
