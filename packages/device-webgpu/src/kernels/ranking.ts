import type { Tf } from "@kdp/plugin-api";
import type { DeviceKernels } from "@kdp/plugin-api/device";
import type { NamedAttrMap, NamedTensorInfoMap, Tensor2D, TensorInfo } from "@tensorflow/tfjs-core";
import { BACKEND } from "../backend-name.js";
import { type GpuQueue, GROUP } from "./queue.js";

const BEST = "KdpBestOfRows";
const COUNTS = "KdpRankCounts";
const EXCLUDE = "KdpExclude";

/** The lowest finite float, far below every score: it marks what is no candidate. WGSL need not keep infinities. */
const LOWEST = "-0x1.fffffep+127f";

/**
 * Ranking by blocks: TensorFlow.js multiplies the factors, which gives a score for each user and item of the block, and one
 * workgroup reads each row of scores. Nothing is as large as users times items.
 */
export function rankingKernels(tf: Tf, queue: GpuQueue): Required<Pick<DeviceKernels, "topK" | "rankCounts">> {
  const register = (
    kernelName: string,
    compute: (inputs: NamedTensorInfoMap, attrs: NamedAttrMap | undefined) => TensorInfo | TensorInfo[],
  ) =>
    tf.registerKernel({
      kernelName,
      backendName: BACKEND,
      kernelFunc: ({ inputs, attrs }) => compute(inputs, attrs),
    });
  register(EXCLUDE, (inputs) => exclude(queue, inputs));
  register(BEST, (inputs, attrs) => best(queue, inputs, Number(attrs?.k)));
  register(COUNTS, (inputs, attrs) => counts(queue, inputs, Number(attrs?.room)));

  const scoresOf = ({ users, items, excluded }: Parameters<NonNullable<DeviceKernels["topK"]>>[0]) => {
    const scores = tf.matMul(users, items, false, true);
    // The marks go into the product itself: a copy would be the largest tensor of all.
    tf.engine().runKernel(EXCLUDE, { scores, excluded });
    return scores;
  };
  return {
    topK(block, k) {
      const [ids, values] = tf.tidy(() => {
        const found = tf.engine().runKernel(BEST, { scores: scoresOf(block) }, { k }) as unknown;
        return found as [Tensor2D, Tensor2D];
      });
      return [ids, values];
    },
    rankCounts: (block, { rows, low, high }, room) =>
      tf.tidy(() => {
        const scores = scoresOf(block);
        return tf.engine().runKernel(COUNTS, { scores, rows, low, high }, { room }) as Tensor2D;
      }),
  };
}

function exclude(queue: GpuQueue, { scores, excluded }: NamedTensorInfoMap): TensorInfo[] {
  queue.run({
    writes: [{ name: "scores", tensor: scores as TensorInfo }],
    reads: [{ name: "excluded", tensor: excluded as TensorInfo, type: "i32" }],
    threads: excluded?.shape[0] ?? 0,
    body: `  scores[excluded[i]] = ${LOWEST};`,
  });
  return [];
}

/** Floats as words of the same order. */
const ORDERED = `
fn ordered(x: f32) -> u32 {
  let word = bitcast<u32>(x);
  return select(word | 0x80000000u, ~word, (word >> 31u) == 1u);
}
`;

/**
 * The `k` largest of each row by radix: the k-th largest word is found a byte at a time, from a histogram of the next byte of
 * those that begin alike; then everything above it is written, and of its equals as many as there is room for.
 */
function best(queue: GpuQueue, { scores }: NamedTensorInfoMap, k: number): TensorInfo[] {
  const [rows = 0, width = 0] = scores?.shape ?? [];
  const ids = queue.empty([rows, k], "int32");
  const values = queue.empty([rows, k], "float32");
  queue.run({
    writes: [
      { name: "ids", tensor: ids, type: "i32" },
      { name: "values", tensor: values },
    ],
    reads: [{ name: "scores", tensor: scores as TensorInfo }],
    counts: { width, k },
    groups: rows,
    functions: `${ORDERED}
var<workgroup> bins: array<atomic<u32>, ${GROUP}>;
var<workgroup> sums: array<u32, ${GROUP}>;
var<workgroup> begins: u32;
var<workgroup> wanted: u32;
var<workgroup> above: atomic<u32>;
var<workgroup> equal: atomic<u32>;
`,
    body: `
  let start = row * P.width;
  if (lane == 0u) { wanted = P.k; }
  var decided = 0u;
  for (var round = 0u; round < 4u; round = round + 1u) {
    let shift = 24u - 8u * round;
    atomicStore(&bins[lane], 0u);
    workgroupBarrier();
    let known = begins;
    let want = wanted;
    for (var j = lane; j < P.width; j = j + ${GROUP}u) {
      let word = ordered(scores[start + j]);
      if ((word & decided) == known) { atomicAdd(&bins[(word >> shift) & 255u], 1u); }
    }
    workgroupBarrier();
    // From the highest byte down: how many stand in this bin or above.
    let own = atomicLoad(&bins[255u - lane]);
    sums[lane] = own;
    workgroupBarrier();
    for (var step = 1u; step < ${GROUP}u; step = step << 1u) {
      var more = 0u;
      if (lane >= step) { more = sums[lane - step]; }
      workgroupBarrier();
      sums[lane] = sums[lane] + more;
      workgroupBarrier();
    }
    let before = sums[lane] - own;
    if (before < want && want <= sums[lane]) {
      begins = known | ((255u - lane) << shift);
      wanted = want - before;
    }
    decided = decided | (255u << shift);
    workgroupBarrier();
  }
  let least = begins;
  let equals = wanted;
  let none = ordered(${LOWEST});
  for (var j = lane; j < P.width; j = j + ${GROUP}u) {
    let score = scores[start + j];
    let word = ordered(score);
    var place = P.k;
    if (word > least) { place = atomicAdd(&above, 1u); }
    else if (word == least) {
      let e = atomicAdd(&equal, 1u);
      if (e < equals) { place = P.k - equals + e; }
    }
    if (place < P.k) {
      ids[row * P.k + place] = select(i32(j), -1, word == none);
      values[row * P.k + place] = score;
    }
  }`,
  });
  return [ids, values];
}

function counts(queue: GpuQueue, { scores, rows, low, high }: NamedTensorInfoMap, room: number): TensorInfo {
  const targets = rows?.shape[0] ?? 0;
  const out = queue.zeros([targets, 2 + room], "int32");
  queue.run({
    writes: [{ name: "found", tensor: out, type: "i32" }],
    reads: [
      { name: "scores", tensor: scores as TensorInfo },
      { name: "rows", tensor: rows as TensorInfo, type: "i32" },
      { name: "low", tensor: low as TensorInfo },
      { name: "high", tensor: high as TensorInfo },
    ],
    counts: { width: scores?.shape[1] ?? 0, room },
    groups: targets,
    functions: `
var<workgroup> above: atomic<u32>;
var<workgroup> unsure: atomic<u32>;
`,
    body: `
  let start = u32(rows[row]) * P.width;
  let to = row * (P.room + 2u);
  let least = low[row];
  let most = high[row];
  var more = 0u;
  for (var j = lane; j < P.width; j = j + ${GROUP}u) {
    let score = scores[start + j];
    if (score > most) { more = more + 1u; }
    else if (score >= least) {
      let at = atomicAdd(&unsure, 1u);
      if (at < P.room) { found[to + 2u + at] = i32(j); }
    }
  }
  atomicAdd(&above, more);
  workgroupBarrier();
  if (lane == 0u) {
    found[to] = i32(atomicLoad(&above));
    found[to + 1u] = i32(atomicLoad(&unsure));
  }`,
  });
  return out;
}
