/** Kernels that losses and models compose; part of `Kernels`, whose rules on memory and determinism hold. */
export interface DistillationKernels {
  // --- topology -------------------------------------------------------------------------------------------------
  /** `out = aᵀ b` `[aCols, bCols]` over `n` rows, products and sums in float64. */
  gramF64(a: Float32Array, aCols: number, b: Float32Array, bCols: number, n: number, out: Float64Array): void;
  /** Sum of the squares of `n` numbers: the squared norm of a Gram. */
  sumSquaresF64(x: Float64Array, n: number): number;
  /**
   * Sum over blocks of rows and over all ordered pairs (a, b) inside each, a = b included, of (cos_T - cos_S)², for unit
   * rows. FTD (Kang et al., KDD 2021) is one block of all entities; HTD's entity term is one block per group. Adds `weight`
   * times the gradient with respect to the student's unit rows to `dStudent`; returns the value.
   */
  cosineBlocks(options: CosineBlocksOptions): number;
  /**
   * Sum over anchors g and rows b of (cos(g, b)_T - cos(g, b)_S)², for unit rows: HTD's group term, prototypes against
   * entities. Adds `weight` times the gradient to `dRows` and, where given, `dAnchors`; returns the value.
   */
  cosineCross(options: CosineCrossOptions): number;

  // --- dense layers ---------------------------------------------------------------------------------------------
  /** `x = activation(x + bias)` for each of `n` rows of `cols` numbers, in place. */
  addBias(x: Float32Array, bias: Float32Array, n: number, cols: number, activation: Activation): void;
  /** `dy *= activation'` at the output `y` of {@link addBias}, in place; then `dBias +=` the column sums of `dy`. */
  addBiasGrad(
    y: Float32Array,
    dy: Float32Array,
    n: number,
    cols: number,
    activation: Activation,
    dBias: Float32Array,
  ): void;
  /**
   * `out[e] = Σ_m z_em (relu(s_e W1_m + b1_m) W2_m + b2_m)` (DE-RRD, Kang et al., CIKM 2020). Experts run on the rows whose
   * gate is not 0 only, so that a gate near one-hot costs as much as one expert: set negligible gates to 0.
   */
  mixExperts(experts: ExpertsOptions, out: Float32Array): void;
  /** Gradient of {@link mixExperts} for `dOut` `[n, outCols]`. */
  mixExpertsGrad(experts: ExpertsOptions, dOut: Float32Array, grads: ExpertsGrads): void;

  // --- softmax and scores ---------------------------------------------------------------------------------------
  /** `out = softmax(scale * x)` for each row; `out` may be `x`. */
  softmaxRows(x: Float32Array, n: number, cols: number, scale: number, out: Float32Array): void;
  /** `z = softmax((log(softmax(logits) + floor) + noise) / tau)`, gates below `least` set to 0. `[n, cols]` */
  gumbelSoftmax(gate: GumbelOptions, z: Float32Array): void;
  /** Writes the gradient of {@link gumbelSoftmax} for `dz` to `dLogits`, which may be `dz`. */
  gumbelSoftmaxGrad(gate: GumbelOptions, z: Float32Array, dz: Float32Array, dLogits: Float32Array): void;
  /**
   * Multinomial likelihood: returns -Σ_r Σ_{c listed in row r} log softmax(logits_r)_c, rows listed as CSR. Writes `weight`
   * times its gradient to `dLogits`, which may be `logits`.
   */
  multinomialRows(
    logits: Float32Array,
    n: number,
    cols: number,
    offsets: Int32Array,
    columns: Int32Array,
    weight: number,
    dLogits: Float32Array,
  ): number;
  /**
   * Binary cross-entropy from logits, labels in [0, 1]: returns -Σ w (y log σ(x) + (1 - y) log(1 - σ(x))), pairs weighted
   * by `weights` (null: 1). Writes `weight` times its gradient to `dLogits`, which may be `logits`. With y = 1 this is
   * Σ w softplus(-x), the form of every pairwise logistic loss.
   */
  binaryCrossEntropy(
    logits: Float32Array,
    labels: Float32Array,
    weights: Float32Array | null,
    n: number,
    weight: number,
    dLogits: Float32Array,
  ): number;
  /**
   * `out[r] = log Σ e^<u_r, i>` over the items that are not excluded for user `userIds[r]` (CSR by user id, ascending);
   * -Infinity where none is left. HetComp's mass of unlisted items: as one more unordered score of `plackettLuce` it is the
   * rest of the denominator. With `gradient`, adds that of `out` to the tables: value and gradient of some users at a time,
   * so that each pair of user and item costs one exponential.
   */
  logSumExpRest(options: RestOptions, out: Float32Array, gradient: RestGradient | null): void;

  /**
   * Regression: returns Σ (x - target)² over `n` numbers and replaces `x` by `weight` times its gradient, 2 (x - target).
   */
  squaredGaps(x: Float32Array, target: Float32Array, n: number, weight: number): number;

  // --- metric learning ------------------------------------------------------------------------------------------
  /**
   * Hinge of CML (Hsieh et al. 2017) on `n` triplets: returns Σ max(0, margin + |u - i|² - |u - j|²) and adds `weight` times
   * its gradient to the tables.
   */
  metricHinge(
    user: Float32Array,
    item: Float32Array,
    cols: number,
    u: Int32Array,
    i: Int32Array,
    j: Int32Array,
    n: number,
    margin: number,
    dUser: Float32Array,
    dItem: Float32Array,
    weight?: number,
  ): number;
  /** Scales the listed rows down to norm `most` where they are longer: the projection on a ball. */
  clipRows(table: Float32Array, cols: number, ids: Int32Array, n: number, most: number): void;
}

export type Activation = "none" | "relu" | "tanh" | "sigmoid";

export interface CosineBlocksOptions {
  /** Unit rows, sorted so that a block is contiguous. `[n, teacherCols]` */
  readonly teacher: Float32Array;
  readonly teacherCols: number;
  /** `[n, studentCols]` */
  readonly student: Float32Array;
  readonly studentCols: number;
  /** Block g is the rows `offsets[g] .. offsets[g + 1])`. `[blocks + 1]` */
  readonly offsets: Int32Array;
  readonly blocks: number;
  /** Only pairs whose teacher cosine is above 0, as the released code of HTD has it. */
  readonly positiveOnly: boolean;
  /**
   * False: the value may be NaN where it would cost more than the gradient (large blocks without `positiveOnly` go through
   * Grams, in O(n dT dS) instead of O(n² dT)).
   */
  readonly value: boolean;
  readonly weight: number;
  /** `[n, studentCols]`, added to. */
  readonly dStudent: Float32Array;
}

export interface CosineCrossOptions {
  /** Unit rows of the teacher: `[anchors, teacherCols]`, `[rows, teacherCols]`. */
  readonly teacherAnchors: Float32Array;
  readonly teacherRows: Float32Array;
  readonly teacherCols: number;
  /** Unit rows of the student: `[anchors, studentCols]`, `[rows, studentCols]`. */
  readonly studentAnchors: Float32Array;
  readonly studentRows: Float32Array;
  readonly studentCols: number;
  readonly anchors: number;
  readonly rows: number;
  /** For each row one anchor that it is not compared with (its own group), or -1; null: all are compared. */
  readonly skip: Int32Array | null;
  readonly weight: number;
  /** Null where anchors carry no gradient. */
  readonly dAnchors: Float32Array | null;
  readonly dRows: Float32Array;
}

export interface ExpertsOptions {
  readonly n: number;
  readonly experts: number;
  /** `[n, inCols]` */
  readonly input: Float32Array;
  readonly inCols: number;
  readonly hidden: number;
  readonly outCols: number;
  /** Gates `[n, experts]`; an expert with gate 0 is left out. */
  readonly z: Float32Array;
  /** Expert by expert: `[experts, inCols, hidden]`, `[experts, hidden]`, `[experts, hidden, outCols]`, `[experts, outCols]`. */
  readonly w1: Float32Array;
  readonly b1: Float32Array;
  readonly w2: Float32Array;
  readonly b2: Float32Array;
}

export interface ExpertsGrads {
  /** Written. `[n, inCols]` */
  readonly input: Float32Array;
  /** Written; 0 where an expert was left out. `[n, experts]` */
  readonly z: Float32Array;
  /** Added to, as are the others. */
  readonly w1: Float32Array;
  readonly b1: Float32Array;
  readonly w2: Float32Array;
  readonly b2: Float32Array;
}

export interface GumbelOptions {
  readonly logits: Float32Array;
  /** Gumbel numbers `[n, cols]`, see `randomGumbel`. */
  readonly noise: Float32Array;
  readonly n: number;
  readonly cols: number;
  readonly tau: number;
  /** Added to a probability before its logarithm; 1e-10 in the papers' code. */
  readonly floor: number;
  readonly least: number;
}

export interface RestOptions {
  readonly user: Float32Array;
  readonly item: Float32Array;
  readonly cols: number;
  readonly items: number;
  readonly userIds: Int32Array;
  readonly n: number;
  readonly excludeOffsets: Int32Array;
  readonly excludeItems: Int32Array;
}

export interface RestGradient {
  /**
   * Called once `out` of the rows [from, to) is written, for all rows in order: must set `dOut` of these rows. May call any
   * other kernel.
   */
  differentiate(from: number, to: number): void;
  /** `[n]` */
  readonly dOut: Float32Array;
  /** Added to, like {@link dItem}: as large as the tables. */
  readonly dUser: Float32Array;
  readonly dItem: Float32Array;
}
