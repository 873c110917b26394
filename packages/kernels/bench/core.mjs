import { kernels as k, measure, print, random, randomIds, skewedIds } from "./support.mjs";

const options = {
  learningRate: 0.001,
  weightDecay: 0.001,
  eps: 1e-8,
  beta1: 0.9,
  beta2: 0.999,
  step: 5,
  decoupled: false,
};

for (const [cols, batch] of [
  [20, 1024],
  [64, 1024],
  [64, 4096],
  [200, 1024],
  [200, 4096],
]) {
  const users = cols === 20 ? 5219 : 6000;
  const items = cols === 20 ? 25181 : 3700;
  const [user, item] = [random(users * cols), random(items * cols)];
  const [dUser, dItem, mu, mi, vu, vi] = [users, items, users, items, users, items].map((n) => k.f32(n * cols));
  const batches = Array.from({ length: 20 }, () => [
    skewedIds(batch, users),
    skewedIds(batch, items),
    randomIds(batch, items),
  ]);
  const touched = batches.map(([u, i, j]) => [k.i32From([...new Set(u)]), k.i32From([...new Set([...i, ...j])])]);
  let s = 0;
  const bpr = measure(() => {
    const [u, i, j] = batches[s++ % 20];
    k.bpr(user, item, cols, u, i, j, batch, dUser, dItem);
  });
  const lazy = measure(() => {
    const [u, i, j] = batches[s % 20];
    const [tu, ti] = touched[s++ % 20];
    k.bpr(user, item, cols, u, i, j, batch, dUser, dItem);
    k.lazyAdam(user, dUser, mu, vu, cols, tu, tu.length, options);
    k.lazyAdam(item, dItem, mi, vi, cols, ti, ti.length, options);
  });
  const dense = measure(() => {
    const [u, i, j] = batches[s++ % 20];
    k.bpr(user, item, cols, u, i, j, batch, dUser, dItem);
    k.adam(user, dUser, mu, vu, users * cols, options);
    k.adam(item, dItem, mi, vi, items * cols, options);
  });
  print(
    `bpr d=${cols} B=${batch}: ${bpr.best.toFixed(3)} ms; lazy ${(1000 / lazy.cpu).toFixed(0)} steps/cpu-s (best ${(1000 / lazy.best).toFixed(0)}); dense ${(1000 / dense.cpu).toFixed(0)} (best ${(1000 / dense.best).toFixed(0)})`,
  );
  for (const x of [user, item, dUser, dItem, mu, mi, vu, vi, ...batches.flat(), ...touched.flat()]) k.free(x);
}
for (const cols of [20, 64, 200]) {
  const n = 30400 * cols;
  const [w, g, m, v] = [random(n), random(n), k.f32(n), k.f32(n)];
  const r = measure(() => k.adam(w, g, m, v, n, options));
  print(`dense adam 30.4k x ${cols}: best ${r.best.toFixed(3)} ms, cpu ${r.cpu.toFixed(3)}`);
  for (const x of [w, g, m, v]) k.free(x);
}
for (const [m, n, kk, transA, transB] of [
  [4096, 3700, 200, false, true],
  [4096, 3700, 200, false, false],
  [4096, 3700, 200, true, false],
  [4096, 3700, 200, true, true],
  [2641, 200, 20, false, false],
  [2641, 20, 200, false, false],
  [200, 20, 2641, true, false],
  [20, 20, 2641, true, false],
  [960, 3300, 20, false, true],
  [960, 200, 3300, false, false],
  [3300, 200, 960, true, false],
  [960, 110, 20, false, true],
  [96, 110, 20, false, true],
  [64, 600, 25181, false, false],
  [512, 25181, 600, false, false],
]) {
  const [a, b, c] = [random(m * kk), random(n * kk), k.f32(m * n)];
  const r = measure(() => k.gemm({ m, n, k: kk, a, b, c, transA, transB }));
  const gf = (2 * m * n * kk) / 1e6;
  print(
    `gemm ${m}x${n}x${kk} ${transA ? "T" : "N"}${transB ? "T" : "N"}: best ${(gf / r.best).toFixed(1)} GFLOP/s, cpu ${(gf / r.cpu).toFixed(1)} (${r.best.toFixed(3)} ms)`,
  );
  for (const x of [a, b, c]) k.free(x);
}
{
  const n = 716,
    kk = 40;
  const scores = random(n * 80, 5),
    d = k.f32(n * 80);
  let r = measure(() => k.plackettLuce(scores, n, kk, kk, 1, d));
  print(`plackettLuce 716x(40+40): ${r.best.toFixed(3)} ms`);
  for (const cols of [6, 20]) {
    const user = random(5219 * cols),
      item = random(25181 * cols),
      du = k.f32(5219 * cols),
      di = k.f32(25181 * cols);
    const u = randomIds(n, 5219),
      i = skewedIds(n * 80, 25181);
    r = measure(() => k.dotLists(user, item, cols, u, i, n, 80, scores));
    const g = measure(() => k.dotListsGrad(user, item, cols, u, i, n, 80, d, du, di));
    print(`dotLists 716x80 d=${cols}: ${r.best.toFixed(3)} ms, grad ${g.best.toFixed(3)} ms`);
  }
}
