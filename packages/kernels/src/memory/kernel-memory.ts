import type { Kernels } from "@kdp/plugin-api";

/** The part of {@link Kernels} that hands out memory. */
export type MemoryApi = Pick<
  Kernels,
  "f32" | "f64" | "i32" | "f32From" | "i32From" | "free" | "scope" | "bytesInUse" | "limitBytes"
>;

export type KernelView = Float32Array | Float64Array | Int32Array;

/** Memory as the argument checks see it. */
export interface KernelMemory extends MemoryApi {
  /** Whether a view lies in this memory, whatever buffer object it was made from. */
  owns(view: KernelView): boolean;
}

/** Where views come from: bytes at an address that stays valid until released. */
export interface BlockSource {
  /** A zeroed block, aligned to 16 bytes. */
  allocate(bytes: number): { readonly buffer: ArrayBufferLike; readonly byteOffset: number };
  /** Frees the block that a view begins; false when it begins none. */
  release(view: KernelView): boolean;
  readonly bytesInUse: number;
  readonly limitBytes: number;
}

/** Views, scopes and their bookkeeping over a source of blocks. */
export function createMemoryApi(source: BlockSource): MemoryApi {
  const scopes: Set<KernelView>[] = [];

  const tracked = <V extends KernelView>(view: V): V => {
    scopes.at(-1)?.add(view);
    return view;
  };
  const bytesFor = (length: number, width: number): number => {
    if (!Number.isSafeInteger(length) || length < 0) {
      throw new RangeError(`A view of ${length} numbers: the length must be an integer, 0 or more.`);
    }
    return length * width;
  };
  const f32 = (length: number): Float32Array => {
    const { buffer, byteOffset } = source.allocate(bytesFor(length, 4));
    return tracked(new Float32Array(buffer, byteOffset, length));
  };
  const f64 = (length: number): Float64Array => {
    const { buffer, byteOffset } = source.allocate(bytesFor(length, 8));
    return tracked(new Float64Array(buffer, byteOffset, length));
  };
  const i32 = (length: number): Int32Array => {
    const { buffer, byteOffset } = source.allocate(bytesFor(length, 4));
    return tracked(new Int32Array(buffer, byteOffset, length));
  };
  const free = (view: KernelView): void => {
    if (!source.release(view)) {
      throw new TypeError(
        "free: this view does not begin a live allocation of these kernels (freed before, or a part?).",
      );
    }
    for (const scope of scopes) scope.delete(view);
  };

  return {
    f32,
    f64,
    i32,
    f32From(values) {
      const view = f32(values.length);
      view.set(values);
      return view;
    },
    i32From(values) {
      const view = i32(values.length);
      view.set(values);
      return view;
    },
    free,
    scope(body) {
      const own = new Set<KernelView>();
      scopes.push(own);
      try {
        const result = body();
        if (result instanceof Promise) {
          throw new TypeError("scope: the body must be synchronous; its memory is freed when it returns.");
        }
        return result;
      } finally {
        scopes.pop();
        for (const view of own) source.release(view);
      }
    },
    get bytesInUse() {
      return source.bytesInUse;
    },
    limitBytes: source.limitBytes,
  };
}
