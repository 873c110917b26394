import type { Batch, LossInstance, Parameter, TeacherView, TrainableModel } from "@kdp/plugin-api";

/** A loss of a lesson, bound to the student's training. */
export interface BoundLoss {
  /** `rrd`; a second loss of the same name is `rrd#1`, by its position. */
  readonly name: string;
  readonly weight: number;
  readonly instance: LossInstance;
  readonly teachers: readonly TeacherView[];
  /** Its trainable helpers. */
  readonly state: Readonly<Record<string, Parameter>>;
}

/** A way to compute a loss on the CPU device. */
export interface Term {
  readonly loss: BoundLoss;
  /** Adds `weight` times the gradient to the student and the helpers. @returns the unweighted value, null when not computed */
  run(batch: Batch, student: TrainableModel): number | null;
}

/** A loss that brings its own kernels for the CPU; null when it does not. */
export function fusedTerm(loss: BoundLoss): Term | null {
  const { fused } = loss.instance;
  if (!fused?.cpu) return null;
  return {
    loss,
    run(batch, student) {
      loss.instance.request(batch);
      return fused.cpu?.({ batch, student, state: loss.state, weight: loss.weight }) ?? null;
    },
  };
}
