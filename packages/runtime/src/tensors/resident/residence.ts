import type { Batch } from "@kdp/plugin-api";
import type { Learning } from "../../training/training-state.js";

/** Values of the terms of one step, unweighted. */
export interface StepValues {
  readonly epoch: number;
  readonly step: number;
  readonly size: number;
  readonly values: Readonly<Record<string, number>>;
}

/**
 * A training whose parameters and optimiser live on a device. What the rest of the trainer sees (`Parameter.value`, the
 * optimiser's state) are copies in the process, brought up to date when they are wanted.
 */
export interface Residence {
  /** The copies, as checkpoints hold them. */
  readonly learning: Learning;
  /** True when a loss reads the student inside a step, so that the copies must be up to date before each one. */
  readonly readsEachStep: boolean;
  /** One step: base loss, losses, gradients, optimiser, constraints. The device may still be at it when this returns. */
  step(batch: Batch): void;
  /** Values of the steps since the last call, in order; waits for the device. */
  values(): Promise<readonly StepValues[]>;
  /** Copies parameters, or the optimiser's state as well, from the device. */
  pull(what: "parameters" | "everything"): Promise<void>;
  /** Puts the copies on the device: after a checkpoint was restored. */
  push(): void;
  dispose(): void;
}
