import type { RawKernels } from "../raw-kernels.js";
import { plainAlgebra } from "./algebra.js";
import { plainLayers } from "./layers.js";
import { plainLosses } from "./losses.js";
import { plainOptimisers } from "./optimisers.js";
import { plainPointwise } from "./pointwise.js";
import { plainRanking } from "./ranking.js";
import { plainRows } from "./rows.js";
import { plainSamplers } from "./samplers.js";
import { plainSoftmax } from "./softmax.js";
import { plainTopology } from "./topology.js";

/** Every kernel in plain TypeScript: the oracle of the compiled ones, and what runs where WebAssembly SIMD is missing. */
export const plainKernels: RawKernels = {
  ...plainRows,
  ...plainLosses,
  ...plainAlgebra,
  ...plainOptimisers,
  ...plainRanking,
  ...plainTopology,
  ...plainLayers,
  ...plainSoftmax,
  ...plainPointwise,
  ...plainSamplers,
};
