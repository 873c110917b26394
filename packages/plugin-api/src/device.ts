export { Missing, messageOf } from "./missing.js";

import type * as tfc from "@tensorflow/tfjs-core";
import type { AdamOptions, StepOptions } from "./kernels.js";
import type { Tf } from "./model.js";

/**
 * What a device package (`@kdp/device-webgpu`, `@kdp/device-tensorflow`) exports by default: a machine that training can run on
 * besides the CPU. The runtime looks for the packages by Node's resolution and depends on none of them.
 */
export interface Device {
  readonly kdpDevice: 1;
  /** As `--device` takes it: a plain lower-case word. */
  readonly name: string;
  /**
   * Tries the device for real: loads its libraries and computes something small. Called in a process of its own, so that a
   * driver that crashes or hangs costs that process only; it may leave anything behind. What it prints is thrown away.
   */
  probe(): Promise<DeviceProbe>;
  /**
   * Makes the device ready in this process, which trains one node at a time. Called before each node: a second call is cheap.
   * @throws Error when it cannot, saying why; the runtime reports it as KDP8011
   */
  load(): Promise<LoadedDevice>;
}

export type DeviceProbe = UsableDevice | UnusableDevice;

export interface UsableDevice {
  readonly usable: true;
  /** What was found, for a person: `NVIDIA H100 (Vulkan)`. */
  readonly found: string;
  /** `cpu` for software that only behaves like a GPU, or a build without one: taken when named, never by `auto`. */
  readonly processor: "gpu" | "cpu";
  /**
   * Name of its arithmetic with a version, `webgpu/1`: part of the keys of what it computes. The version is raised when the
   * same input begins to give results outside the stated tolerance.
   */
  readonly numericClass: string;
}

export interface UnusableDevice {
  readonly usable: false;
  /** What is missing, for a person: `no Vulkan driver was found`. */
  readonly reason: string;
  /** The command or step that mends it; null when nothing would. */
  readonly mend: string | null;
}

/** A device in use. */
export interface LoadedDevice {
  /** TensorFlow.js with the device's back-end set. The runtime registers the gradients; what it reads it reads by `data()`. */
  readonly tf: Tf;
  /** What it computes with, for the node's log. */
  readonly found: string;
  /**
   * As {@link UsableDevice.numericClass}, where it can be another than the probe's by now: a package was installed, a driver
   * went. The runtime then trains nothing, since the results would stand under the wrong keys.
   */
  readonly numericClass?: string;
  /** Work that the device does better than a chain of TensorFlow.js operations. Every one is optional. */
  readonly kernels?: DeviceKernels;
  /** Largest tensor in bytes that fits the device, where there is a limit. */
  readonly largestTensor?: number;
  /**
   * The first failure since the last call, null when there was none: for devices that report what went wrong later than the call
   * that caused it. The runtime asks after it read something, and takes the node for failed.
   */
  failure?(): DeviceFailure | null;
}

export interface DeviceFailure {
  /** `memory`: something did not fit; `lost`: the device is gone for this process. */
  readonly kind: "memory" | "lost" | "error";
  readonly message: string;
}

/**
 * Kernels of a device on tensors that live there. Updates are in place: they write the storage of the tensors that they are
 * given. Formulas and options are those of the CPU's `Kernels`; gradients are consumed, not zeroed. The runtime falls back to
 * TensorFlow.js operations for each one that is missing. A device also may register kernels of its own with `tf`, for example for
 * `UnsortedSegmentSum`, the gradient of a gather.
 */
export interface DeviceKernels {
  /** Dense Adam on `w`, `m`, `v`, all of one shape. */
  adam?(w: tfc.Tensor, grad: tfc.Tensor, m: tfc.Tensor, v: tfc.Tensor, options: AdamOptions): void;
  /** Adam on the listed rows only; `rows` holds distinct ids, int32. */
  lazyAdam?(
    w: tfc.Tensor,
    grad: tfc.Tensor,
    m: tfc.Tensor,
    v: tfc.Tensor,
    rows: tfc.Tensor1D,
    options: AdamOptions,
  ): void;
  adagrad?(w: tfc.Tensor, grad: tfc.Tensor, sum: tfc.Tensor, options: StepOptions): void;
  sgd?(w: tfc.Tensor, grad: tfc.Tensor, options: StepOptions): void;
  /** `out[r, c] = <left[leftIds[r]], right[rightIds[r, c]]>`, ids int32; a negative right id gives -Infinity. */
  dotLists?(left: tfc.Tensor2D, right: tfc.Tensor2D, leftIds: tfc.Tensor1D, rightIds: tfc.Tensor2D): tfc.Tensor2D;
  /** Gradient of {@link dotLists} in both tables, whole; padding has none. */
  dotListsGrad?(
    left: tfc.Tensor2D,
    right: tfc.Tensor2D,
    leftIds: tfc.Tensor1D,
    rightIds: tfc.Tensor2D,
    dOut: tfc.Tensor2D,
  ): readonly [dLeft: tfc.Tensor2D, dRight: tfc.Tensor2D];
  /**
   * For each user of a block the `k` candidates (1 to `items`) with the largest scores, in any order: item rows of the block, int32, and their
   * scores, both `[users, k]`. Where fewer than `k` are candidates the rest holds -1, with any score. Candidates with the smallest
   * score that is listed may be left out for one another.
   *
   * Scores are inner products summed in float32 in any order, each operation rounded to either neighbour: the runtime derives
   * from this, and from this only, which lists are certainly those of the CPU, and makes the others there. So products in
   * narrower formats (TF32, half precision) are no ranking kernels.
   */
  topK?(block: RankingBlock, k: number): readonly [items: tfc.Tensor2D, scores: tfc.Tensor2D];
  /**
   * For each target, `[targets, 2 + room]`, int32: how many candidates of its user score above `high`; how many score within
   * `[low, high]`; and item rows of the latter, as many as there is room for, in any order. Scores as of {@link topK}.
   */
  rankCounts?(block: RankingBlock, targets: RankingTargets, room: number): tfc.Tensor2D;
}

/** Some users and some items whose scores are held at a time; all factors are finite and no score overflows. */
export interface RankingBlock {
  /** `[users, cols]` */
  readonly users: tfc.Tensor2D;
  /** `[items, cols]` */
  readonly items: tfc.Tensor2D;
  /** Pairs that are no candidates: user row times number of items plus item row, int32. May be empty. */
  readonly excluded: tfc.Tensor1D;
}

/** Held-out items, by the scores that decide: aligned, `[targets]`. */
export interface RankingTargets {
  /** User row of the block, int32. */
  readonly rows: tfc.Tensor1D;
  readonly low: tfc.Tensor1D;
  readonly high: tfc.Tensor1D;
}
