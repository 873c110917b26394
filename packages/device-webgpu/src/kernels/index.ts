import type { Tf } from "@kdp/plugin-api";
import type { DeviceKernels } from "@kdp/plugin-api/device";
import { dotListKernels } from "./dot-lists.js";
import { optimiserKernels } from "./optimisers.js";
import type { GpuQueue } from "./queue.js";
import { rankingKernels } from "./ranking.js";

/** WGSL for what dominates a step, and for rankings. @param tf with the WebGPU back-end set; called once per back-end */
export const createWebgpuKernels = (tf: Tf, queue: GpuQueue): DeviceKernels => ({
  ...optimiserKernels(queue),
  ...dotListKernels(tf, queue),
  ...rankingKernels(tf, queue),
});
