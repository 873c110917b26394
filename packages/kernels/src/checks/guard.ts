import type { KernelMemory, KernelView } from "../memory/kernel-memory.js";
import type { RawKernels } from "../raw-kernels.js";

/** Checks of kernel arguments. Each takes the kernel's and the argument's name for its message. */
export interface Guard {
  /** A view of kernel memory with at least `length` numbers. */
  view(kernel: string, name: string, view: KernelView, length: number): void;
  /** An integer, 0 or more. */
  count(kernel: string, name: string, value: number): void;
  /** A view of kernel memory with `n` ids in [0, limit). */
  ids(kernel: string, name: string, ids: Int32Array, n: number, limit: number): void;
  /** The same where negative ids are padding. */
  listIds(kernel: string, name: string, ids: Int32Array, n: number, limit: number): void;
  /** `n + 1` offsets, ascending, the last at most `length`. */
  offsets(kernel: string, name: string, offsets: Int32Array, n: number, length: number): void;
}

export function createGuard(memory: KernelMemory, raw: RawKernels): Guard {
  const view: Guard["view"] = (kernel, name, array, length) => {
    if (!memory.owns(array)) {
      throw new TypeError(
        `${kernel}: ${name} is not in kernel memory. Make it with f32, f64 or i32 of the same kernels, or copy it with f32From or i32From.`,
      );
    }
    if (array.length < length) {
      throw new RangeError(`${kernel}: ${name} holds ${array.length} numbers, ${length} are needed.`);
    }
  };
  const outside = (kernel: string, name: string, ids: Int32Array, at: number, limit: number): RangeError =>
    new RangeError(`${kernel}: ${name}[${at}] is ${ids[at]}, but there are ${limit} rows (0 to ${limit - 1}).`);

  return {
    view,
    count(kernel, name, value) {
      if (!Number.isInteger(value) || value < 0) {
        throw new RangeError(`${kernel}: ${name} is ${value}; it must be an integer, 0 or more.`);
      }
    },
    ids(kernel, name, ids, n, limit) {
      view(kernel, name, ids, n);
      const at = raw.firstIdOutside(ids, n, limit);
      if (at >= 0) throw outside(kernel, name, ids, at, limit);
    },
    listIds(kernel, name, ids, n, limit) {
      view(kernel, name, ids, n);
      const at = raw.firstListIdOutside(ids, n, limit);
      if (at >= 0) throw outside(kernel, name, ids, at, limit);
    },
    offsets(kernel, name, offsets, n, length) {
      view(kernel, name, offsets, n + 1);
      let before = offsets[0] as number;
      if (before < 0) throw new RangeError(`${kernel}: ${name}[0] is ${before}.`);
      for (let r = 1; r <= n; r++) {
        const offset = offsets[r] as number;
        if (offset < before) throw new RangeError(`${kernel}: ${name}[${r}] is ${offset}, less than the one before.`);
        before = offset;
      }
      if (before > length) {
        throw new RangeError(`${kernel}: ${name} ends at ${before}, but the array it points into holds ${length}.`);
      }
    },
  };
}

/** Rows of a table of `cols` columns. */
export const rowsOf = (table: Float32Array, cols: number): number =>
  cols > 0 ? Math.floor(table.length / cols) : Number.MAX_SAFE_INTEGER;
