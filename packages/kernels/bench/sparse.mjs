import { kernels as k, measure, print, random, randomIds, skewedIds } from "./support.mjs";

// LightGCN propagation on CiteULike: 115,142 interactions, both directions; RRD lists of 716 users.
const [users, items, edges] = [5219, 25181, 115142];
const rows = users + items;
const pairs = Array.from(skewedIds(edges, users), (u, e) => [u, users + ((e * 7919) % items)]);
const both = [...pairs, ...pairs.map(([u, i]) => [i, u])].sort((a, b) => a[0] - b[0] || a[1] - b[1]);
const offsets = k.i32(rows + 1);
for (const [from] of both) offsets[from + 1]++;
for (let r = 0; r < rows; r++) offsets[r + 1] += offsets[r];
const columns = k.i32From(both.map(([, to]) => to));
const values = random(both.length);
for (const cols of [20, 64, 200]) {
  const [x, out] = [random(rows * cols), k.f32(rows * cols)];
  const r = measure(() => k.spmm(offsets, columns, values, rows, x, cols, out, false));
  print(
    `spmm ${both.length} edges, d=${cols}: best ${r.best.toFixed(2)} ms, cpu ${r.cpu.toFixed(2)}, ${((2 * both.length * cols) / r.best / 1e6).toFixed(1)} GFLOP/s`,
  );
  k.free(x);
  k.free(out);
}
for (const cols of [6, 10, 20, 50, 64, 200]) {
  const [left, right, dLeft, dRight] = [users, items, users, items].map((n) => random(n * cols));
  const [u, i] = [randomIds(716, users), skewedIds(716 * 80, items)];
  const [scores, d] = [k.f32(716 * 80), random(716 * 80)];
  const dots = measure(() => k.dotLists(left, right, cols, u, i, 716, 80, scores));
  const grad = measure(() => k.dotListsGrad(left, right, cols, u, i, 716, 80, d, dLeft, dRight));
  print(
    `lists 716 x 80, d=${cols}: dots ${dots.best.toFixed(3)} ms (cpu ${dots.cpu.toFixed(3)}), gradient ${grad.best.toFixed(3)} (cpu ${grad.cpu.toFixed(3)})`,
  );
  for (const view of [left, right, dLeft, dRight, u, i, scores, d]) k.free(view);
}
