/** Numeric kernels of the CPU device. */
export {
  attachKernels,
  createKernels,
  createPlainKernels,
  type KernelOptions,
  type SharedKernels,
  teamOf,
} from "./create-kernels.js";
export { KernelMemoryError } from "./memory/memory-error.js";
export { MOST_THREADS, type Team } from "./parallel/team.js";
export {
  attachTensorKernels,
  type BinaryName,
  MATMUL_SCRATCH,
  type ReductionName,
  type TensorKernels,
  type UnaryName,
} from "./tensors/tensor-kernels.js";
