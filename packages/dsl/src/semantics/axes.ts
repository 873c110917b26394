import type { Cell } from "../plan/plan.js";

/** Names of the matrix axes that a value depends on. Order and repeats carry no meaning; the matrix has the order. */
export type Axes = readonly string[];

export const NO_AXES: Axes = [];

export function unite(...sets: readonly Axes[]): Axes {
  let result: Axes = NO_AXES;
  for (const set of sets) {
    if (set.length === 0 || set === result) continue;
    const known = result;
    const added = set.filter((axis) => !known.includes(axis));
    if (added.length > 0) result = [...known, ...added];
  }
  return result;
}

export const without = (axes: Axes, closed: Axes): Axes => axes.filter((axis) => !closed.includes(axis));

/** The part of a cell that some axes see, in the order of the matrix. */
export function project(cell: Cell, axes: Axes): Cell {
  return Object.fromEntries(Object.entries(cell).filter(([axis]) => axes.includes(axis)));
}

/** Two cells are one for somebody who sees only `axes`. */
export function agree(a: Cell, b: Cell, axes: Axes): boolean {
  return axes.every((axis) => a[axis] === b[axis]);
}

/** Key of a projection: distinct for distinct values. */
export const cellKey = (cell: Cell): string => JSON.stringify(cell);

/** `[seed=0,dim=8]`, or nothing for the empty cell. */
export function cellSuffix(cell: Cell): string {
  const parts = Object.entries(cell).map(([axis, value]) => `${axis}=${value}`);
  return parts.length === 0 ? "" : `[${parts.join(",")}]`;
}

/** The first cell of each projection onto `axes`. */
export function distinctCells(cells: readonly Cell[], axes: Axes): readonly Cell[] {
  const seen = new Map<string, Cell>();
  for (const cell of cells) {
    const key = cellKey(project(cell, axes));
    if (!seen.has(key)) seen.set(key, cell);
  }
  return [...seen.values()];
}
