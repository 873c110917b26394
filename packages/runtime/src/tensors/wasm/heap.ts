import { attachTensorKernels, type TensorKernels } from "@kdp/kernels";
import type { Tf } from "@kdp/plugin-api";
import type { BackendWasm } from "@tensorflow/tfjs-backend-wasm";
import type { DataType, KernelConfig, NamedAttrMap, NamedTensorInfoMap, TensorInfo } from "@tensorflow/tfjs-core";

export const WASM = "wasm";

/** What a kernel of the WebAssembly back-end is called with. */
export interface Call {
  readonly inputs: NamedTensorInfoMap;
  readonly attrs?: NamedAttrMap;
  readonly backend: object;
}

/** The heap that tensors of the WebAssembly back-end lie in, and our kernels on it. */
export interface Heap {
  readonly tf: Tf;
  readonly backend: BackendWasm;
  readonly kernels: TensorKernels;
  /** Address of a tensor's numbers. */
  at(x: TensorInfo): number;
  /** A tensor whose numbers are not set. */
  make(shape: readonly number[], dtype: DataType): TensorInfo;
  /** The same numbers under another shape: no copy, they are freed with the last tensor that has them. */
  share(x: TensorInfo, shape: readonly number[]): TensorInfo;
  /** Address of at least `bytes` bytes that the kernel called next may overwrite. */
  scratch(bytes: number): number;
}

/** A kernel of ours for the calls that it knows; null leaves a call to the kernel that the back-end brought. */
export type Own = (call: Call) => TensorInfo | TensorInfo[] | null;

/**
 * Opens the heap of a started back-end.
 * @returns null where this engine has no SIMD, or a back-end that does not show its memory
 */
export async function openHeap(tf: Tf): Promise<Heap | null> {
  const backend = tf.backend() as BackendWasm;
  const memory = memoryOf(backend.wasm);
  const kernels = memory ? await attachTensorKernels(memory) : null;
  if (!kernels) return null;
  const { _malloc: malloc, _free: free } = backend.wasm as unknown as Allocating;
  let room = { address: 0, bytes: 0 };
  return {
    tf,
    backend,
    kernels,
    at: (x) => backend.getMemoryOffset(x.dataId),
    make: (shape, dtype) => backend.makeOutput([...shape], dtype),
    share(x, shape) {
      backend.incRef(x.dataId);
      return { dataId: x.dataId, shape: [...shape], dtype: x.dtype };
    },
    scratch(bytes) {
      if (bytes > room.bytes) {
        if (room.bytes > 0) free(room.address);
        // Addresses above 2 GiB come signed.
        room = { address: malloc(bytes) >>> 0, bytes };
      }
      return room.address;
    },
  };
}

interface Allocating {
  _malloc(bytes: number): number;
  _free(address: number): void;
}

/** The memory among the exports of the module that Emscripten wraps. */
function memoryOf(wasm: object): object | null {
  const { asm } = wasm as { readonly asm?: Readonly<Record<string, unknown>> };
  const found = Object.values(asm ?? {}).find(
    (part) => Object.prototype.toString.call(part) === "[object WebAssembly.Memory]",
  );
  return (found as object | undefined) ?? null;
}

/** Puts a kernel of ours before the one that the back-end brought. */
export function preferOwn(tf: Tf, kernelName: string, own: Own): void {
  const stock = tf.getKernel(kernelName, WASM) as KernelConfig | undefined;
  if (!stock) throw new Error(`the WebAssembly back-end has no kernel ${kernelName} to stand behind ours`);
  tf.unregisterKernel(kernelName, WASM);
  tf.registerKernel({ ...stock, kernelFunc: (call) => own(call) ?? stock.kernelFunc(call) });
}

/** @throws Error when the kernel was called without it, which is a mistake of the caller's code */
export function input(call: Call, name: string): TensorInfo {
  const found = call.inputs[name];
  if (!found) throw new Error(`kernel called without its input "${name}"`);
  return found;
}

export const sizeOf = (shape: readonly number[]): number => {
  let size = 1;
  for (const length of shape) size *= length;
  return size;
};

/** Types whose numbers take four bytes. */
export const isWide = (dtype: DataType): boolean => dtype === "float32" || dtype === "int32";
