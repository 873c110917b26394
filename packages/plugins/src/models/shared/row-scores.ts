import type { Kernels, ScoreList, Scorer, Side } from "@kdp/plugin-api";
import type { Workspace } from "../../losses/shared/workspace.js";

/** Output layer of a model that turns rows of one side into units: score = <top(row), weight[column]> + bias[column]. */
export interface OutputLayer {
  readonly weight: { readonly value: Float32Array; readonly grad?: Float32Array };
  readonly bias: { readonly value: Float32Array; readonly grad?: Float32Array };
  readonly width: number;
  readonly columns: number;
}

/** A list with its rows' entities numbered by their place among the distinct ones. */
export interface IndexedList {
  /** Distinct entities of the encoded side. */
  readonly ids: Int32Array;
  /** For each pair, the place of its encoded entity, and its column. */
  readonly row: Int32Array;
  readonly column: Int32Array;
  readonly pairs: number;
}

/** @param side the encoded side; lists of the other side are turned round */
export function indexList(workspace: Workspace, side: Side, list: ScoreList, universe: number): IndexedList {
  const pairs = list.rows * list.k;
  const row = workspace.i32("pair rows", pairs);
  const column = workspace.i32("pair columns", pairs);
  const place = workspace.i32("places", universe).fill(-1);
  const ids = workspace.i32("distinct", Math.min(universe, list.side === side ? list.rows : pairs));
  let n = 0;
  for (let pair = 0; pair < pairs; pair++) {
    const [own, other] = [list.ids[Math.floor(pair / list.k)]!, list.others[pair]!];
    const [entity, opposite] = list.side === side ? [own, other] : [other, own];
    if (place[entity]! < 0) {
      ids[n] = entity;
      place[entity] = n++;
    }
    row[pair] = place[entity]!;
    column[pair] = opposite;
  }
  return { ids: ids.subarray(0, n), row, column, pairs };
}

/** Writes the scores of aligned (row, column) pairs. */
export function pairScores(
  kernels: Kernels,
  output: OutputLayer,
  top: Float32Array,
  row: Int32Array,
  column: Int32Array,
  out: Float32Array,
): void {
  const n = row.length;
  kernels.dotLists(top, output.weight.value, output.width, row, column, n, 1, out);
  for (let pair = 0; pair < n; pair++) out[pair]! += output.bias.value[column[pair]!]!;
}

/** Adds the gradient of {@link pairScores} to the output layer and to `dTop`. */
export function addPairGrads(
  kernels: Kernels,
  output: OutputLayer,
  top: Float32Array,
  row: Int32Array,
  column: Int32Array,
  d: Float32Array,
  dTop: Float32Array,
): void {
  const n = row.length;
  kernels.dotListsGrad(top, output.weight.value, output.width, row, column, n, 1, d, dTop, output.weight.grad!);
  const bias = output.bias.grad!;
  for (let pair = 0; pair < n; pair++) bias[column[pair]!]! += d[pair]!;
}

/**
 * All scores as inner products of rows one wider: <(top, 1), (weight, bias)>.
 * @param rows number of encoded entities
 * @param encode writes the units of rows `from .. from + n` to `out`
 */
export function outputScorer(
  workspace: Workspace,
  side: Side,
  output: OutputLayer,
  rows: number,
  encode: (ids: Int32Array) => Float32Array,
): Scorer {
  const { width, columns } = output;
  const cols = width + 1;
  const encoded = workspace.f32("scorer rows", rows * cols);
  const weights = workspace.f32("scorer columns", columns * cols);
  for (let from = 0; from < rows; from += BLOCK) {
    const n = Math.min(BLOCK, rows - from);
    const ids = workspace.i32("scorer ids", n);
    for (let r = 0; r < n; r++) ids[r] = from + r;
    widen(encode(ids), width, n, encoded.subarray(from * cols), () => 1);
  }
  widen(output.weight.value, width, columns, weights, (column) => output.bias.value[column]!);
  return side === "user"
    ? { kind: "dot", user: encoded, item: weights, cols }
    : { kind: "dot", user: weights, item: encoded, cols };
}

/** Rows encoded at a time for a scorer. */
const BLOCK = 512;

function widen(from: Float32Array, width: number, n: number, to: Float32Array, last: (row: number) => number): void {
  for (let r = 0; r < n; r++) {
    to.set(from.subarray(r * width, (r + 1) * width), r * (width + 1));
    to[r * (width + 1) + width] = last(r);
  }
}
