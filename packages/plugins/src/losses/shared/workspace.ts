import type { Kernels } from "@kdp/plugin-api";

/**
 * Buffers in kernel memory that a loss keeps from step to step, by name. Each grows when asked for more and never shrinks,
 * so that a training settles after a few steps. Contents are whatever the last use left.
 */
export interface Workspace {
  f32(name: string, length: number): Float32Array;
  i32(name: string, length: number): Int32Array;
}

export function createWorkspace(kernels: Kernels): Workspace {
  const floats = new Map<string, Float32Array>();
  const ints = new Map<string, Int32Array>();

  function sized<T extends Float32Array | Int32Array>(
    held: Map<string, T>,
    name: string,
    length: number,
    allocate: (length: number) => T,
  ): T {
    let buffer = held.get(name);
    if (!buffer || buffer.length < length) {
      if (buffer) kernels.free(buffer);
      buffer = allocate(Math.ceil(1.25 * length));
      held.set(name, buffer);
    }
    return buffer.subarray(0, length) as T;
  }

  return {
    f32: (name, length) => sized(floats, name, length, (n) => kernels.f32(n)),
    i32: (name, length) => sized(ints, name, length, (n) => kernels.i32(n)),
  };
}
