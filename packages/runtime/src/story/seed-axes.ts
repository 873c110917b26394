import type { Cell, Origin } from "@kdp/dsl";

interface NodeOrigins {
  readonly cell: Cell;
  readonly origins: Readonly<Record<string, Origin>>;
}

/**
 * The axes that only repeat an experiment: every argument they set is a seed. Spread is taken over these; any other axis
 * (a width, a loss weight) makes rows of its own. An axis whose use no node shows is judged by its name.
 */
export function seedAxes(axes: readonly string[], nodes: readonly NodeOrigins[]): ReadonlySet<string> {
  return new Set(
    axes.filter((axis) => {
      const uses = nodes.flatMap((node) =>
        Object.entries(node.origins)
          .filter(([, origin]) => origin.kind === "param" && origin.param === axis)
          .map(([argument]) => argument),
      );
      return uses.length === 0 ? isSeedName(axis) : uses.every(isSeedName);
    }),
  );
}

const isSeedName = (name: string): boolean => name === "seed" || name.endsWith("_seed");

/** The cell without some axes; key order is kept. */
export function withoutAxes(cell: Cell, axes: ReadonlySet<string>): Cell {
  return Object.fromEntries(Object.entries(cell).filter(([axis]) => !axes.has(axis)));
}

/** The part of the cell that lies on some axes. */
export function onlyAxes(cell: Cell, axes: ReadonlySet<string>): Cell {
  return Object.fromEntries(Object.entries(cell).filter(([axis]) => axes.has(axis)));
}

/** A stable text for comparing cells whatever the order of their keys. */
export function cellKey(cell: Cell): string {
  return JSON.stringify(Object.entries(cell).sort(([a], [b]) => (a < b ? -1 : 1)));
}
