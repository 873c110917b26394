/** How the objective of a training stands to that of its untrained model; survives a restart. */
export interface ObjectiveState {
  /** Size of each term, weighted, per triplet, in the first step that computed it: before any update taught by it. */
  readonly start: Readonly<Record<string, number>>;
  /** Epochs in a row whose objective was {@link FACTOR} times as large. */
  readonly worse: number;
}

export const OBJECTIVE_START: ObjectiveState = { start: {}, worse: 0 };

/**
 * A model that was never trained guesses; its objective is the worst that one step of learning can start from. Trainings that
 * go well stay below 1.5 times of it, whatever is annealed, added by phases or taught back to a teacher; with a learning rate
 * that is too high they are at 10^4 and more after an epoch. So a factor of a thousand lies far from both.
 */
const FACTOR = 1000;
/** Terms that start at zero (a curriculum, two models that begin alike) say nothing of what is large: one per triplet does. */
const SMALLEST = 1;
/** Epochs that an objective has for coming back down from a spike. */
const PATIENCE = 3;

/** Takes in the first value of a term. @param value weighted, per triplet */
export function began(start: Readonly<Record<string, number>>, term: string, value: number): typeof start {
  return term in start ? start : { ...start, [term]: Math.abs(value) };
}

export interface JudgedObjective {
  readonly state: ObjectiveState;
  /** Objective of the epoch and of the untrained model, when the training has diverged; null while it has not. */
  readonly diverged: { readonly objective: number; readonly start: number } | null;
}

/**
 * Whether a training has diverged though every loss is finite: adaptive optimisers move each parameter by about the learning
 * rate, so that even one of 10^6 overflows nothing.
 * @param losses means of the epoch, per triplet, unweighted
 * @param finished the training ends with this epoch: what never was better then has diverged, after however few
 */
export function judgeObjective(
  state: ObjectiveState,
  losses: Readonly<Record<string, number>>,
  weightOf: (term: string) => number,
  { epochs, finished }: { readonly epochs: number; readonly finished: boolean },
): JudgedObjective {
  const objective = Object.entries(losses).reduce((sum, [term, loss]) => sum + Math.abs(weightOf(term) * loss), 0);
  const start = Object.values(state.start).reduce((sum, value) => sum + value, 0);
  const worse = objective > FACTOR * Math.max(start, SMALLEST) ? state.worse + 1 : 0;
  const hopeless = worse >= PATIENCE || (finished && worse > 0 && worse === epochs);
  return { state: { ...state, worse }, diverged: hopeless ? { objective, start } : null };
}
