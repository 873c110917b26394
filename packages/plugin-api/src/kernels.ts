import type { DistillationKernels } from "./distillation-kernels.js";
import type { SamplingKernels } from "./sampling-kernels.js";

/**
 * Numeric kernels of the CPU device. All arrays are row-major views of memory that the kernels own (`f32`, `i32`); a view
 * of other memory is refused with a TypeError. Views stay valid when the memory grows. Every kernel is deterministic:
 * the same input gives the same bits. `@kdp/kernels` implements them twice, in WebAssembly SIMD and in plain TypeScript.
 */
export interface Kernels extends DistillationKernels, SamplingKernels {
  readonly name: "wasm" | "plain";

  // --- memory ---------------------------------------------------------------------------------------------------
  /** A zeroed view. @throws KernelMemoryError past 4 GiB, saying what was asked for and what to do. */
  f32(length: number): Float32Array;
  f64(length: number): Float64Array;
  i32(length: number): Int32Array;
  /** Copies into kernel memory. */
  f32From(values: ArrayLike<number>): Float32Array;
  i32From(values: ArrayLike<number>): Int32Array;
  free(view: Float32Array | Float64Array | Int32Array): void;
  /** Frees, when `body` returns or throws, all that was allocated inside it. */
  scope<T>(body: () => T): T;
  /** Bytes now held by live views. */
  readonly bytesInUse: number;
  /** Most bytes that live views can hold; where nothing is said, as many as the machine gives. */
  readonly limitBytes?: number;

  // --- rows -----------------------------------------------------------------------------------------------------
  /** `out[r] = table[ids[r]]`, rows of `cols` numbers. */
  gatherRows(table: Float32Array, cols: number, ids: Int32Array, n: number, out: Float32Array): void;
  /** `table[ids[r]] += scale * rows[r]`; ids may repeat. */
  scatterAddRows(
    table: Float32Array,
    cols: number,
    ids: Int32Array,
    n: number,
    rows: Float32Array,
    scale: number,
  ): void;
  /** `unit[r] = x[r] / max(|x[r]|, eps)`, `norms[r] = max(|x[r]|, eps)`; a zero row stays zero. */
  normalizeRows(x: Float32Array, cols: number, n: number, eps: number, unit: Float32Array, norms: Float32Array): void;
  /** Gradient of {@link normalizeRows}: `dx[r] += (dUnit[r] - unit[r] <unit[r], dUnit[r]>) / norms[r]`. */
  normalizeRowsGrad(
    unit: Float32Array,
    norms: Float32Array,
    dUnit: Float32Array,
    cols: number,
    n: number,
    dx: Float32Array,
  ): void;

  // --- scores of listed pairs -----------------------------------------------------------------------------------
  /** `out[r, c] = <left[leftIds[r]], right[rightIds[r, c]]>`, `[n, k]`. A negative right id is padding: -Infinity. */
  dotLists(
    left: Float32Array,
    right: Float32Array,
    cols: number,
    leftIds: Int32Array,
    rightIds: Int32Array,
    n: number,
    k: number,
    out: Float32Array,
  ): void;
  /** Adds to `dLeft` and `dRight` (tables) the gradient of {@link dotLists} for `dOut` `[n, k]`; padding has none. */
  dotListsGrad(
    left: Float32Array,
    right: Float32Array,
    cols: number,
    leftIds: Int32Array,
    rightIds: Int32Array,
    n: number,
    k: number,
    dOut: Float32Array,
    dLeft: Float32Array,
    dRight: Float32Array,
  ): void;

  // --- losses ---------------------------------------------------------------------------------------------------
  /**
   * BPR (Rendle et al. 2009) on `n` triplets: returns -Σ log σ(x_ui - x_uj) and adds `weight` (default 1) times its
   * gradient to the tables `dUser`, `dItem`. Log-sigmoid is computed as softplus, so no score underflows.
   */
  bpr(
    user: Float32Array,
    item: Float32Array,
    cols: number,
    u: Int32Array,
    i: Int32Array,
    j: Int32Array,
    n: number,
    dUser: Float32Array,
    dItem: Float32Array,
    weight?: number,
  ): number;
  /**
   * Relaxed Plackett–Luce (RRD, eq. of `docs/methods`): scores `[n, k + l]`, the first `k` ordered best first, the last `l` unordered.
   * Returns -Σ_b Σ_k (s_bk - log(Σ_{j>=k} e^{s_bj} + Σ_l e^{s_bl})); writes `weight` times its gradient to `dScores`, which
   * may be `scores` itself. Scores of -Infinity are padding: left out of every sum, gradient 0. No spread of scores overflows.
   */
  plackettLuce(scores: Float32Array, n: number, k: number, l: number, weight: number, dScores: Float32Array): number;

  // --- dense algebra --------------------------------------------------------------------------------------------
  /** `c = alpha * op(a) op(b) + beta * c`, with `op(a)` `[m, k]`, `op(b)` `[k, n]`, leading dimensions in numbers. */
  gemm(options: GemmOptions): void;
  /** `out = A x` (or `out += A x` with `accumulate`) for a CSR matrix `[rows, ·]` and dense `x` of `cols` columns. */
  spmm(
    offsets: Int32Array,
    columns: Int32Array,
    values: Float32Array,
    rows: number,
    x: Float32Array,
    cols: number,
    out: Float32Array,
    accumulate: boolean,
  ): void;

  // --- optimisers: each consumes and zeroes `grad` -----------------------------------------------------------------
  /**
   * Adam (Kingma & Ba 2015), dense. Kept clear of denormals: first moments below 1e-30 are set to 0 now and then, and 1e-16
   * is added to a gradient before it is squared; neither shows in a float32 weight.
   */
  adam(w: Float32Array, grad: Float32Array, m: Float32Array, v: Float32Array, n: number, options: AdamOptions): void;
  /** Adam on the listed rows only (another method than {@link adam}: untouched moments do not decay). */
  lazyAdam(
    w: Float32Array,
    grad: Float32Array,
    m: Float32Array,
    v: Float32Array,
    cols: number,
    rows: Int32Array,
    n: number,
    options: AdamOptions,
  ): void;
  adagrad(w: Float32Array, grad: Float32Array, sum: Float32Array, n: number, options: StepOptions): void;
  sgd(w: Float32Array, grad: Float32Array, n: number, options: StepOptions): void;

  // --- ranking --------------------------------------------------------------------------------------------------
  /**
   * The `k` best items of each listed user by dot product, best first, ties by smaller item id; the user's excluded items
   * are left out: CSR by *user id* (`excludeOffsets` `[users + 1]`), ascending within a user. Rows shorter than `k` are
   * filled with item -1 and score -Infinity. Items whose score is NaN or -Infinity are never listed.
   */
  topK(
    user: Float32Array,
    item: Float32Array,
    cols: number,
    items: number,
    userIds: Int32Array,
    n: number,
    excludeOffsets: Int32Array,
    excludeItems: Int32Array,
    k: number,
    outItems: Int32Array,
    outScores: Float32Array,
  ): void;
  /**
   * For each listed (user, target) pair: how many non-excluded items score above the target (`above`) and equal to it
   * (`ties`, the target itself not counted). `userIds` `[n]`; the targets of the *r-th listed user* are
   * `targets[targetOffsets[r] .. targetOffsets[r + 1])`, `above` and `ties` are indexed like `targets`; excluded items are CSR
   * by user id as in {@link topK}. A target whose score is NaN ranks below every other candidate.
   */
  rankCounts(
    user: Float32Array,
    item: Float32Array,
    cols: number,
    items: number,
    userIds: Int32Array,
    targetOffsets: Int32Array,
    targets: Int32Array,
    n: number,
    excludeOffsets: Int32Array,
    excludeItems: Int32Array,
    above: Int32Array,
    ties: Int32Array,
  ): void;
}

export interface GemmOptions {
  readonly m: number;
  readonly n: number;
  readonly k: number;
  readonly a: Float32Array;
  readonly b: Float32Array;
  readonly c: Float32Array;
  readonly transA?: boolean;
  readonly transB?: boolean;
  /** Distance between rows as stored; default: the stored row's length. */
  readonly lda?: number;
  readonly ldb?: number;
  readonly ldc?: number;
  readonly alpha?: number;
  readonly beta?: number;
}

export interface StepOptions {
  readonly learningRate: number;
  /** Coupled L2: added to the gradient as `weightDecay * w`. */
  readonly weightDecay: number;
  readonly eps: number;
}

export interface AdamOptions extends StepOptions {
  readonly beta1: number;
  readonly beta2: number;
  /** 1 for the first step. */
  readonly step: number;
  /** AdamW: decay applied to the weights instead of the gradient. */
  readonly decoupled: boolean;
}
