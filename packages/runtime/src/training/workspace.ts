import type { Kernels } from "@kdp/plugin-api";

/** Buffers in kernel memory that are reused from step to step, by name; each grows when asked for more. */
export interface Workspace {
  f32(name: string, length: number): Float32Array;
  i32(name: string, length: number): Int32Array;
  /** A copy of ids in kernel memory: a plugin may hand over any array, a kernel may not. */
  ids(name: string, values: Int32Array): Int32Array;
}

export function createWorkspace(kernels: Kernels): Workspace {
  const held = new Map<string, Float32Array | Int32Array>();

  function sized<T extends Float32Array | Int32Array>(key: string, length: number, make: (n: number) => T): T {
    let buffer = held.get(key) as T | undefined;
    if (!buffer || buffer.length < length) {
      if (buffer) kernels.free(buffer);
      buffer = make(Math.ceil(1.25 * length));
      held.set(key, buffer);
    }
    return buffer.subarray(0, length) as T;
  }

  const i32 = (name: string, length: number) => sized(`i32/${name}`, length, (n) => kernels.i32(n));
  return {
    f32: (name, length) => sized(`f32/${name}`, length, (n) => kernels.f32(n)),
    i32,
    ids(name, values) {
      const copy = i32(name, values.length);
      copy.set(values);
      return copy;
    },
  };
}
