import type { FittedTables } from "@kdp/plugin-api";

type Fitted = FittedTables[string];

/** A table of a fitted model. @throws Error naming it when the artefact does not hold it */
export function fittedTable(tables: FittedTables, name: string): Fitted {
  const found = tables[name];
  if (!found) throw new Error(`the fitted model has no table "${name}", only ${Object.keys(tables).join(", ")}`);
  return found;
}

/** Width of two tables whose rows are multiplied. @throws Error when they differ */
export function sameWidth(left: Fitted, right: Fitted): number {
  if (left.cols !== right.cols)
    throw new Error(`tables of ${left.cols} and ${right.cols} columns have no inner product`);
  return left.cols;
}
