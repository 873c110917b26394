import type { Kernels, RandomStream, RankingTable, ScoreList, Side } from "@kdp/plugin-api";
import type { RankSampler } from "./rank-sampling.js";
import type { UniformSampler } from "./uniform-sampling.js";
import type { Workspace } from "./workspace.js";

/**
 * For every entity of one side, a list of the other side's entities: `ordered[r]` ids best first, then `unordered[r]` ids
 * in no order. Rows may be shorter than the table where the data has no more to give.
 */
export interface ListTable {
  readonly rows: number;
  /** Longest ordered and unordered part. */
  readonly k: number;
  readonly l: number;
  /** `[rows, k + l]`; a row's unordered part begins right after its ordered one. */
  readonly ids: Int32Array;
  readonly ordered: Int32Array;
  readonly unordered: Int32Array;
  /** Present where {@link ids} lie in kernel memory: copies whole rows of it to `out`, which lies there too. */
  readonly gather?: (rows: Int32Array, out: Int32Array) => void;
}

/** @param kernels given, the ids lie in their memory, and rows that are full are copied by them */
export const createListTable = (rows: number, k: number, l: number, kernels?: Kernels): ListTable => ({
  rows,
  k,
  l,
  ...idTable(rows, k + l, kernels),
  ordered: new Int32Array(rows),
  unordered: new Int32Array(rows),
});

function idTable(rows: number, width: number, kernels?: Kernels): Pick<ListTable, "ids" | "gather"> {
  if (!kernels) return { ids: new Int32Array(rows * width) };
  const ids = kernels.i32(rows * width);
  // Kernels move rows of 32 bits whatever they mean; ids are no patterns of NaN.
  const numbers = (view: Int32Array) => new Float32Array(view.buffer, view.byteOffset, view.length);
  const table = numbers(ids);
  return { ids, gather: (wanted, out) => kernels.gatherRows(table, width, wanted, wanted.length, numbers(out)) };
}

/** What {@link drawLists} draws from. */
export interface ListSource {
  /** The teacher's ranking of the other side, interactions left out, -1 where a row is shorter. */
  readonly ranking: RankingTable;
  /** Interactions of each row: `ids[offsets[r] .. offsets[r + 1])` are never drawn. */
  readonly known: { readonly offsets: Int32Array; readonly ids: Int32Array };
  /** Ranked entities that count as the teacher's favourites. */
  readonly pool: number;
  readonly sampler: RankSampler;
  readonly uniform: UniformSampler;
}

/** How many ids a row of a ranking holds, at most `pool`. */
export function rankedIn(ranking: RankingTable, row: number, pool: number): number {
  const start = row * ranking.k;
  let n = Math.min(pool, ranking.k);
  while (n > 0 && ranking.ids[start + n - 1]! < 0) n--;
  return n;
}

/**
 * Redraws all lists (RRD, Kang et al., CIKM 2020): the ordered part from the top of the teacher's ranking, the unordered
 * part uniformly among what is neither there nor known. The pool is min(`pool`, length of the row's ranking).
 */
export function drawLists(table: ListTable, source: ListSource, stream: RandomStream): void {
  const { ranking, known, sampler, uniform } = source;
  const width = table.k + table.l;
  for (let row = 0; row < table.rows; row++) {
    const at = row * width;
    const ranked = row * ranking.k;
    const pool = rankedIn(ranking, row, source.pool);
    const k = sampler.draw(stream, pool, table.k, table.ids, at);
    for (let i = at; i < at + k; i++) table.ids[i] = ranking.ids[ranked + table.ids[i]!]!;
    uniform.begin();
    uniform.exclude(known.ids, known.offsets[row]!, known.offsets[row + 1]!);
    uniform.exclude(ranking.ids, ranked, ranked + pool);
    table.ordered[row] = k;
    // Without favourites there is nothing to put above the rest.
    table.unordered[row] = k === 0 ? 0 : uniform.draw(stream, table.l, table.ids, at + k);
  }
}

/** Rows of a table that have lists of the same lengths, ready to be scored. */
export interface ListGroup {
  readonly k: number;
  readonly l: number;
  /** `[rows, k + l]` */
  readonly list: ScoreList;
}

/**
 * The lists of some entities, grouped by length, since scores come as rectangles. Nearly all rows are full and fall in one
 * group. Entities whose list is too short to teach anything are left out: for the listwise losses, one without an ordered id
 * or with nothing below its only one.
 */
export function groupLists(options: {
  readonly table: ListTable;
  /** The side of the table's rows. */
  readonly side: Side;
  /** Distinct ids. */
  readonly entities: Int32Array;
  readonly workspace: Workspace;
  /** Tells the buffers of this table from those of others in the workspace. */
  readonly name: string;
  /** Shortest list that teaches something; default 2. */
  readonly shortest?: number;
}): readonly ListGroup[] {
  const { table, side, entities, workspace, name, shortest = 2 } = options;
  const width = table.k + table.l;
  const members = new Map<number, number[]>();
  for (const entity of entities) {
    const k = table.ordered[entity]!;
    const l = table.unordered[entity]!;
    if (k === 0 || k + l < shortest) continue;
    const length = k * (table.l + 1) + l;
    const group = members.get(length);
    if (group) group.push(entity);
    else members.set(length, [entity]);
  }
  return [...members].map(([length, rows]) => {
    const k = Math.floor(length / (table.l + 1));
    const l = length % (table.l + 1);
    const ids = workspace.i32(`${name}/ids/${length}`, rows.length);
    const others = workspace.i32(`${name}/others/${length}`, rows.length * (k + l));
    ids.set(rows);
    if (table.gather && k + l === width) table.gather(ids, others);
    else {
      for (const [r, row] of rows.entries()) {
        others.set(table.ids.subarray(row * width, row * width + k + l), r * (k + l));
      }
    }
    return { k, l, list: { side, ids, others, rows: rows.length, k: k + l } };
  });
}
