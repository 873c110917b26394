import { metricKey } from "../tables/metric-names.js";
import type { PerUserMetrics } from "../tables/metrics.js";
import type { SeedDifferences } from "./bootstrap.js";

interface Evaluation {
  /** Of its artefact; null when it has none. */
  readonly key: string | null;
}

/** One metric of a student and of the plain model, in each evaluation. */
export interface ComparedSeries {
  readonly metric: string;
  readonly cutoff: number | null;
  readonly evaluations: readonly { readonly taught: Evaluation; readonly plain: Evaluation }[];
}

/** A metric of one evaluation: the row of each user, and the values by row. */
interface Column {
  readonly rowOf: ReadonlyMap<number, number>;
  readonly values: ArrayLike<number>;
}

/** Differences of the users that all evaluations have; null when there are none. */
export function seedDifferences(
  { metric, cutoff, evaluations }: ComparedSeries,
  columnOf: ReturnType<typeof columnsByUser>,
): SeedDifferences | null {
  const name = metricKey({ metric, cutoff });
  const sides = evaluations.flatMap(({ taught, plain }) => {
    const [left, right] = [columnOf(taught.key, name), columnOf(plain.key, name)];
    return left && right ? [[left, right] as const] : [];
  });
  if (sides.length < evaluations.length) return null;
  const indexes = [...new Set(sides.flat().map(({ rowOf }) => rowOf))];
  const users = [...(indexes[0]?.keys() ?? [])].filter((user) => indexes.every((rowOf) => rowOf.has(user)));
  if (users.length === 0) return null;
  const rows = new Map(indexes.map((rowOf) => [rowOf, Int32Array.from(users, (user) => rowOf.get(user) as number)]));
  const valuesOf = ({ rowOf, values }: Column) =>
    Float64Array.from(rows.get(rowOf) ?? [], (row) => values[row] as number);
  return sides.map(([taught, plain]) => {
    const baseline = valuesOf(plain);
    return valuesOf(taught).map((value, i) => value - (baseline[i] as number));
  });
}

/**
 * Columns of tables, with the rows of their users. Evaluations of one split measure the same users, so that nearly all share one
 * index, however many pairs and metrics there are.
 */
export function columnsByUser(tables: ReadonlyMap<string, PerUserMetrics>) {
  const indexes: { readonly users: ArrayLike<number>; readonly rowOf: ReadonlyMap<number, number> }[] = [];
  const indexOf = (users: ArrayLike<number>) => {
    const known = indexes.find((index) => isEqual(index.users, users));
    if (known) return known.rowOf;
    const rowOf = new Map(Array.from(users, (user, row) => [user, row]));
    indexes.push({ users, rowOf });
    return rowOf;
  };
  const rows = new Map(Array.from(tables, ([key, { user }]) => [key, indexOf(user)]));
  return (key: string | null, name: string): Column | null => {
    const values = key === null ? undefined : tables.get(key)?.values[name];
    const rowOf = key === null ? undefined : rows.get(key);
    return values && rowOf ? { rowOf, values } : null;
  };
}

function isEqual(a: ArrayLike<number>, b: ArrayLike<number>): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}
