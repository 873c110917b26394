import { setImmediate as nextTurn } from "node:timers/promises";

/** Where a training stops to let signals in, to save itself, and to end when it is told to. */
export interface Pauses {
  /** @throws the signal's reason when the abort cannot wait for the end of the epoch */
  betweenSteps(step: number, steps: number): Promise<void>;
  /** @throws the signal's reason after saving, when aborted */
  betweenEpochs(save: () => Promise<void>): Promise<void>;
}

export interface PauseOptions {
  readonly signal: AbortSignal;
  /** Milliseconds between checkpoints. */
  readonly saveEvery: number;
  /** Milliseconds of work after an abort that are spent on reaching the end of the epoch, where a checkpoint is possible. */
  readonly grace: number;
  /** Milliseconds of computing after which pending signals are let in. */
  readonly turn: number;
  /** Monotonic milliseconds; a test drives it by hand. */
  now(): number;
}

/**
 * Training is one long computation in JavaScript's only thread: without a turn of the event loop now and then, no signal
 * would ever arrive. Time decides when to pause, never what is computed.
 */
export function createPauses(options: PauseOptions): Pauses {
  const { signal, now } = options;
  let turned = now();
  let saved = now();
  let epochBegan = now();

  return {
    async betweenSteps(step, steps) {
      const time = now();
      if (time - turned >= options.turn) {
        await nextTurn();
        turned = now();
      }
      if (!signal.aborted) return;
      const pace = (time - epochBegan) / (step + 1);
      if (pace * (steps - step - 1) > options.grace) throw signal.reason;
    },
    async betweenEpochs(save) {
      // A short epoch may never have paused between its steps.
      if (now() - turned >= options.turn) {
        await nextTurn();
        turned = now();
      }
      if (signal.aborted || now() - saved >= options.saveEvery) {
        await save();
        saved = now();
      }
      if (signal.aborted) throw signal.reason;
      epochBegan = now();
    },
  };
}
