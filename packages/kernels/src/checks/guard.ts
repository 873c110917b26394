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
  /** Listed users, and the items excluded for each user of the table: CSR by user id. */
  excluded(
    kernel: string,
    userIds: Int32Array,
    n: number,
    users: number,
    excludeOffsets: Int32Array,
    excludeItems: Int32Array,
  ): void;
  /** (user, positive, negative) triplets of two tables and room for the tables' gradients. */
  triplets(
    kernel: string,
    user: Float32Array,
    item: Float32Array,
    cols: number,
    u: Int32Array,
    i: Int32Array,
    j: Int32Array,
    n: number,
    dUser: Float32Array,
    dItem: Float32Array,
  ): void;
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

  const count: Guard["count"] = (kernel, name, value) => {
    if (!Number.isInteger(value) || value < 0) {
      throw new RangeError(`${kernel}: ${name} is ${value}; it must be an integer, 0 or more.`);
    }
  };
  const ids: Guard["ids"] = (kernel, name, array, n, limit) => {
    view(kernel, name, array, n);
    const at = raw.firstIdOutside(array, n, Math.min(limit, LARGEST_ID));
    if (at >= 0) throw outside(kernel, name, array, at, limit);
  };
  const offsets: Guard["offsets"] = (kernel, name, array, n, length) => {
    view(kernel, name, array, n + 1);
    let before = array[0] as number;
    if (before < 0) throw new RangeError(`${kernel}: ${name}[0] is ${before}.`);
    for (let r = 1; r <= n; r++) {
      const offset = array[r] as number;
      if (offset < before) throw new RangeError(`${kernel}: ${name}[${r}] is ${offset}, less than the one before.`);
      before = offset;
    }
    if (before > length) {
      throw new RangeError(`${kernel}: ${name} ends at ${before}, but the array it points into holds ${length}.`);
    }
  };

  return {
    view,
    count,
    ids,
    offsets,
    listIds(kernel, name, ids, n, limit) {
      view(kernel, name, ids, n);
      const at = raw.firstListIdOutside(ids, n, Math.min(limit, LARGEST_ID));
      if (at >= 0) throw outside(kernel, name, ids, at, limit);
    },
    excluded(kernel, userIds, n, users, excludeOffsets, excludeItems) {
      const listed = Math.max(0, excludeOffsets.length - 1);
      view(kernel, "excluded items", excludeItems, 0);
      offsets(kernel, "offsets of the excluded items", excludeOffsets, listed, excludeItems.length);
      ids(kernel, "userIds", userIds, n, Math.min(users, listed));
    },
    triplets(kernel, user, item, cols, u, i, j, n, dUser, dItem) {
      count(kernel, "cols", cols);
      count(kernel, "n", n);
      view(kernel, "user", user, 0);
      view(kernel, "item", item, 0);
      ids(kernel, "u", u, n, rowsOf(user, cols));
      ids(kernel, "i", i, n, rowsOf(item, cols));
      ids(kernel, "j", j, n, rowsOf(item, cols));
      view(kernel, "dUser", dUser, user.length);
      view(kernel, "dItem", dItem, item.length);
    },
  };
}

/** Ids are 32 bits; a table without columns has no last row. */
const LARGEST_ID = 2 ** 31 - 1;

/** Rows of a table of `cols` columns. */
export const rowsOf = (table: Float32Array, cols: number): number =>
  cols > 0 ? Math.floor(table.length / cols) : Number.MAX_SAFE_INTEGER;
