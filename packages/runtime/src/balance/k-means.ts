import type { Kernels, RandomStream } from "@kdp/plugin-api";

/** Rounds of one beginning at most; these data settle after some dozens. */
const MAX_ROUNDS = 300;

export interface KMeansOptions {
  /** `[n, cols]` in kernel memory. */
  readonly rows: Float32Array;
  readonly n: number;
  readonly cols: number;
  /** Clusters that are wanted; fewer come out where fewer rows differ. */
  readonly count: number;
  /** Beginnings that are tried. */
  readonly restarts: number;
  /** The stream of a beginning. */
  stream(restart: number): RandomStream;
  readonly kernels: Kernels;
}

export interface Clustering {
  /** Cluster of each row; cluster 0 is the largest. */
  readonly assignment: Int32Array;
  readonly sizes: readonly number[];
  /** Sum of squared distances of the rows to the means of their clusters. */
  readonly inertia: number;
}

/**
 * k-means: centres drawn by k-means++ (Arthur and Vassilvitskii, 2007), then Lloyd's rounds until no row changes its cluster; the
 * tightest of several beginnings. A cluster that loses its last row takes the row that is farthest from its own centre.
 */
export function kMeans(options: KMeansOptions): Clustering {
  const { kernels, n, cols, count, restarts } = options;
  return kernels.scope(() => {
    const work: Work = {
      ...options,
      centres: kernels.f32(count * cols),
      products: kernels.f32(n * count),
      norms: squaredNorms(options.rows, n, cols),
    };
    let best: { readonly assignment: Int32Array; readonly inertia: number } | null = null;
    for (let restart = 0; restart < restarts; restart++) {
      const found = settle(work, drawCentres(work, options.stream(restart)));
      if (!best || found.inertia < best.inertia) best = found;
    }
    return best
      ? bySize(best.assignment, best.inertia, count)
      : { assignment: new Int32Array(), sizes: [], inertia: 0 };
  });
}

interface Work extends KMeansOptions {
  /** `[count, cols]` */
  readonly centres: Float32Array;
  /** `[n, count]`: inner products of rows and centres. */
  readonly products: Float32Array;
  readonly norms: Float64Array;
}

function squaredNorms(rows: Float32Array, n: number, cols: number): Float64Array {
  return Float64Array.from({ length: n }, (_, r) => {
    let sum = 0;
    for (let i = r * cols; i < (r + 1) * cols; i++) sum += (rows[i] as number) ** 2;
    return sum;
  });
}

/**
 * Each next centre is a row, drawn in proportion to its squared distance to the nearest centre so far.
 * @returns how many there are: none is drawn twice, so rows that are all alike give one
 */
function drawCentres({ rows, n, cols, count, centres }: Work, stream: RandomStream): number {
  const nearest = new Float64Array(n).fill(Number.POSITIVE_INFINITY);
  let next = stream.below(n);
  for (let c = 0; c < count; c++) {
    centres.set(rows.subarray(next * cols, (next + 1) * cols), c * cols);
    let total = 0;
    for (let r = 0; r < n; r++) {
      nearest[r] = Math.min(nearest[r] as number, distance(rows, r, centres, c, cols));
      total += nearest[r] as number;
    }
    if (total === 0) return c + 1;
    let left = stream.uniform() * total;
    next = -1;
    for (let r = 0; r < n && left >= 0; r++) {
      if (nearest[r] === 0) continue;
      next = r;
      left -= nearest[r] as number;
    }
  }
  return count;
}

function distance(rows: Float32Array, row: number, centres: Float32Array, centre: number, cols: number): number {
  let sum = 0;
  for (let i = 0; i < cols; i++) {
    sum += ((rows[row * cols + i] as number) - (centres[centre * cols + i] as number)) ** 2;
  }
  return sum;
}

/** Lloyd's rounds from the centres as they stand. */
function settle(work: Work, count: number): { readonly assignment: Int32Array; readonly inertia: number } {
  const { rows, n, cols, centres } = work;
  const assignment = new Int32Array(n).fill(-1);
  for (let round = 0; round < MAX_ROUNDS; round++) {
    if (!assign(work, count, assignment)) break;
    fillEmpty(work, count, assignment);
    moveCentres(work, count, assignment);
  }
  let inertia = 0;
  for (let r = 0; r < n; r++) inertia += distance(rows, r, centres, assignment[r] as number, cols);
  return { assignment, inertia };
}

/** Gives each row to its nearest centre, the first of equals: argmin |c|² - 2⟨x, c⟩. @returns whether anything changed */
function assign({ kernels, rows, n, cols, centres, products }: Work, count: number, assignment: Int32Array): boolean {
  kernels.gemm({ m: n, n: count, k: cols, a: rows, b: centres, transB: true, c: products });
  const norms = squaredNorms(centres, count, cols);
  let changed = false;
  for (let r = 0; r < n; r++) {
    let best = 0;
    let least = Number.POSITIVE_INFINITY;
    for (let c = 0; c < count; c++) {
      const gap = (norms[c] as number) - 2 * (products[r * count + c] as number);
      if (gap < least) {
        least = gap;
        best = c;
      }
    }
    if (assignment[r] !== best) changed = true;
    assignment[r] = best;
  }
  return changed;
}

function fillEmpty({ rows, n, cols, centres }: Work, count: number, assignment: Int32Array): void {
  const sizes = sizesOf(assignment, count);
  for (let empty = sizes.indexOf(0); empty !== -1; empty = sizes.indexOf(0)) {
    let farthest = -1;
    let most = -1;
    for (let r = 0; r < n; r++) {
      const own = assignment[r] as number;
      // The only row of a cluster stays, or the hole would but move.
      if ((sizes[own] as number) < 2) continue;
      const gap = distance(rows, r, centres, own, cols);
      if (gap > most) {
        most = gap;
        farthest = r;
      }
    }
    const from = assignment[farthest] as number;
    sizes[from] = (sizes[from] as number) - 1;
    sizes[empty] = 1;
    assignment[farthest] = empty;
    // It is its own centre now, and so not the farthest for the next hole.
    centres.set(rows.subarray(farthest * cols, (farthest + 1) * cols), empty * cols);
  }
}

/** Centres become the means of their rows, summed in float64. */
function moveCentres({ rows, n, cols, centres }: Work, count: number, assignment: Int32Array): void {
  const sums = new Float64Array(count * cols);
  for (let r = 0; r < n; r++) {
    const to = (assignment[r] as number) * cols;
    for (let i = 0; i < cols; i++) sums[to + i] = (sums[to + i] as number) + (rows[r * cols + i] as number);
  }
  sizesOf(assignment, count).forEach((size, c) => {
    for (let i = c * cols; i < (c + 1) * cols; i++) centres[i] = (sums[i] as number) / size;
  });
}

function sizesOf(assignment: Int32Array, count: number): number[] {
  const sizes = new Array<number>(count).fill(0);
  for (const cluster of assignment) sizes[cluster] = (sizes[cluster] as number) + 1;
  return sizes;
}

/** Numbers clusters by size, so that a name says something; of equals the one with the smaller first row comes first. */
function bySize(assignment: Int32Array, inertia: number, count: number): Clustering {
  const sizes = sizesOf(assignment, count);
  const order = [...sizes.keys()].filter((cluster) => sizes[cluster] !== 0);
  order.sort((a, b) => (sizes[b] as number) - (sizes[a] as number) || assignment.indexOf(a) - assignment.indexOf(b));
  const place = new Map(order.map((cluster, i) => [cluster, i]));
  return {
    assignment: assignment.map((cluster) => place.get(cluster) as number),
    sizes: order.map((cluster) => sizes[cluster] as number),
    inertia,
  };
}
