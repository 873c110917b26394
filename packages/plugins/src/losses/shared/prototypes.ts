import type { Kernels } from "@kdp/plugin-api";
import { unitRows } from "./unit-rows.js";
import type { Workspace } from "./workspace.js";

/** Entities of a step sorted by group. Groups without a member are left out. */
export interface Groups {
  /** Number of groups with a member. */
  readonly count: number;
  /** Row of the step at each sorted place. `[n]` */
  readonly order: Int32Array;
  /** Group g holds the sorted places `offsets[g] .. offsets[g + 1])`. `[count + 1]` */
  readonly offsets: Int32Array;
}

/** Counting sort of `groupOf` `[n]`, whose values are below `groups`. Stable, so that the order is that of the step. */
export function sortByGroup(workspace: Workspace, groupOf: Int32Array, n: number, groups: number): Groups {
  const sizes = new Int32Array(groups);
  for (let e = 0; e < n; e++) sizes[groupOf[e]!] = sizes[groupOf[e]!]! + 1;
  const present = sizes.reduce((count, size) => count + (size > 0 ? 1 : 0), 0);
  const offsets = workspace.i32("groups/offsets", present + 1);
  const next = new Int32Array(groups);
  let at = 0;
  let g = 0;
  sizes.forEach((size, group) => {
    next[group] = at;
    if (size > 0) offsets[g++] = at;
    at += size;
  });
  offsets[present] = n;
  const order = workspace.i32("groups/order", n);
  for (let e = 0; e < n; e++) {
    const group = groupOf[e]!;
    order[next[group]!] = e;
    next[group] = next[group]! + 1;
  }
  return { count: present, order, offsets };
}

/** The group of each sorted place, `[n]`. */
export function groupOfPlace(workspace: Workspace, { count, offsets }: Groups, n: number): Int32Array {
  const own = workspace.i32("groups/own", n);
  for (let g = 0; g < count; g++) own.fill(g, offsets[g], offsets[g + 1]);
  return own;
}

/** Prototypes of the groups: the mean row of each group's members, of unit length. */
export interface Prototypes {
  /** `[count, cols]` */
  readonly unit: Float32Array;
  /** `[count]` */
  readonly norms: Float32Array;
}

/**
 * The sum stands for the mean: both have the same direction.
 * @param groupOf group of each sorted place, `[n]`
 * @param sorted rows in the order of the groups, `[n, cols]`
 */
export function prototypesOf(
  kernels: Kernels,
  workspace: Workspace,
  name: string,
  groupOf: Int32Array,
  count: number,
  sorted: Float32Array,
  cols: number,
): Prototypes {
  const sums = workspace.f32(`${name}/sums`, count * cols).fill(0);
  kernels.scatterAddRows(sums, cols, groupOf, groupOf.length, sorted, 1);
  const unit = workspace.f32(`${name}/unit`, count * cols);
  const norms = workspace.f32(`${name}/norms`, count);
  unitRows(kernels, sums, cols, count, unit, norms);
  return { unit, norms };
}

/** Gradient of {@link prototypesOf}: adds to the gradient of the sorted rows, `[n, cols]`. */
export function prototypesGrad(
  kernels: Kernels,
  workspace: Workspace,
  groupOf: Int32Array,
  prototypes: Prototypes,
  dUnit: Float32Array,
  cols: number,
  dSorted: Float32Array,
): void {
  const count = dUnit.length / cols;
  const dSums = workspace.f32("prototypes/dSums", count * cols).fill(0);
  kernels.normalizeRowsGrad(prototypes.unit, prototypes.norms, dUnit, cols, count, dSums);
  const spread = workspace.f32("prototypes/spread", groupOf.length * cols);
  kernels.gatherRows(dSums, cols, groupOf, groupOf.length, spread);
  for (let at = 0; at < spread.length; at++) dSorted[at] = dSorted[at]! + spread[at]!;
}
