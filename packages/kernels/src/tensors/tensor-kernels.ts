import { readFile } from "node:fs/promises";
import { hasSimd, webAssembly } from "../wasm/webassembly.js";

/** Element by element: address of x, count, address of the result, which may be x. */
export type UnaryKernel = (x: number, n: number, out: number) => void;

/** With broadcasting: see `assembly/tensors/binary.ts`. Steps in bytes; comparisons write bytes, everything else float32. */
export type BinaryKernel = (
  a: number,
  b: number,
  outer: number,
  inner: number,
  aStep: number,
  aLane: 0 | 1,
  bStep: number,
  bLane: 0 | 1,
  out: number,
) => void;

/** x [outer, count, inner] to out [outer, inner]. */
export type ReductionKernel = (x: number, outer: number, count: number, inner: number, out: number) => void;

const UNARY = [
  ...["abs", "exp", "log", "log1p", "neg", "reciprocal", "relu", "rsqrt", "sigmoid", "sign", "softplus"],
  ...["sqrt", "square", "tanh"],
] as const;
const BINARY = [
  ...["add", "divide", "equal", "greater", "greaterEqual", "less", "lessEqual", "maximum", "minimum", "multiply"],
  ...["notEqual", "squaredDifference", "sub"],
] as const;
const REDUCTIONS = ["max", "min", "sum"] as const;
const OTHERS = [
  ...["copyRows", "floatOfBool", "matMul", "repeat", "segmentSum", "select", "softmax", "transpose"],
] as const;

export type UnaryName = (typeof UNARY)[number];
export type BinaryName = (typeof BINARY)[number];
export type ReductionName = (typeof REDUCTIONS)[number];

/** Kernels of tensors on the heap of a WebAssembly module that is not ours. Arguments are addresses, sizes and flags. */
export type TensorKernels = Readonly<
  Record<UnaryName, UnaryKernel> &
    Record<BinaryName, BinaryKernel> &
    Record<ReductionName, ReductionKernel> &
    Record<(typeof OTHERS)[number], (...args: number[]) => void>
>;

/** Room that `matMul` needs at its largest, in bytes: a border tile, a block of A, a block of B. */
export const MATMUL_SCRATCH = 128 + 4 * 256 * (128 + 2048);

/** Beside the compiled code, also when this file runs as TypeScript from `src`. */
const FILE = new URL("../../dist/tensor-kernels.wasm", import.meta.url);

/**
 * Opens a module's heap for the kernels of tensors. They allocate nothing in it: whoever owns it gives them addresses.
 * @param memory the `WebAssembly.Memory` of the other module, not shared
 * @returns null where this engine has no SIMD
 */
export async function attachTensorKernels(memory: object): Promise<TensorKernels | null> {
  if (webAssembly === null || !hasSimd()) return null;
  let bytes: Uint8Array;
  try {
    bytes = await readFile(FILE);
  } catch (cause) {
    throw new Error(`${FILE.pathname} cannot be read. Run: node packages/kernels/scripts/build.mjs`, { cause });
  }
  const { exports } = new webAssembly.Instance(await webAssembly.compile(bytes), { env: { memory } });
  const names = [...UNARY, ...BINARY, ...REDUCTIONS, ...OTHERS];
  const missing = names.filter((name) => typeof (exports as Record<string, unknown>)[name] !== "function");
  if (missing.length === 0) return exports as TensorKernels;
  throw new Error(
    `tensor-kernels.wasm lacks ${missing.join(", ")}: it is older than this code. Run: node packages/kernels/scripts/build.mjs`,
  );
}
