/** One training step. Arrays are views of kernel memory, valid during the step. */
export interface Batch {
  readonly epoch: number;
  /** Number of the step in its epoch, from 0. */
  readonly step: number;
  /**
   * Aligned triplets `[size]`: each positive of the step once per negative drawn for it. In a `users` batch they are all
   * positives of the step's users (in an `items` batch, of its items), so that the distinct ones are the rows of the step.
   */
  readonly size: number;
  readonly users: Int32Array;
  readonly positives: Int32Array;
  readonly negatives: Int32Array;
  /** Distinct entities of the step, ascending: what sum-reduced distillation losses run over. */
  readonly uniqueUsers: Int32Array;
  readonly uniquePositives: Int32Array;
  readonly uniqueNegatives: Int32Array;
  /** Union of positives and negatives. */
  readonly uniqueItems: Int32Array;
}
