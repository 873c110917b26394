import { kernels as k, measure, print, random, randomIds, skewedIds, uniform } from "./support.mjs";

// Sizes of a CiteULike step (batch 1024): unique users 716, positives 960, negatives 1003; 2641 entities for topology.
const [dT, dS] = [200, 20];
const unit = (n, d) => {
  const [x, out, norms] = [random(n * d), k.f32(n * d), k.f32(n)];
  k.normalizeRows(x, d, n, 1e-12, out, norms);
  k.free(x);
  k.free(norms);
  return out;
};
const show = (name, { best, cpu }, flop) =>
  print(
    `${name}: best ${best.toFixed(3)} ms, cpu ${cpu.toFixed(3)}${flop ? `, ${(flop / best / 1e6).toFixed(1)} GFLOP/s` : ""}`,
  );

{
  const n = 2641;
  const [teacher, student, dStudent] = [unit(n, dT), unit(n, dS), k.f32(n * dS)];
  const base = { teacher, teacherCols: dT, student, studentCols: dS, positiveOnly: false, weight: 1, dStudent };
  const one = { ...base, offsets: k.i32From([0, n]), blocks: 1 };
  show(
    "FTD gradient",
    measure(() => k.cosineBlocks({ ...one, value: false })),
    4 * n * dS * (dT + dS),
  );
  show(
    "FTD gradient and value",
    measure(() => k.cosineBlocks({ ...one, value: true })),
  );
  const gram = k.f64(dT * dT);
  show(
    "gramF64 T'T (half)",
    measure(() => k.gramF64(teacher, dT, teacher, dT, n, gram)),
    n * dT * dT,
  );
  show(
    "gramF64 T'S",
    measure(() => k.gramF64(teacher, dT, student, dS, n, gram)),
    2 * n * dT * dS,
  );
  for (const skew of [1, 3]) {
    const groups = 60;
    const sizes = new Int32Array(groups);
    for (let e = 0; e < n; e++) sizes[Math.floor(uniform() ** skew * groups)]++;
    const offsets = k.i32(groups + 1);
    sizes.forEach((size, g) => {
      offsets[g + 1] = offsets[g] + size;
    });
    const pairs = sizes.reduce((sum, size) => sum + size * size, 0);
    const options = { ...base, offsets, blocks: groups, value: true };
    show(
      `HTD entities, ${pairs} pairs, positive only`,
      measure(() => k.cosineBlocks({ ...options, positiveOnly: true })),
      pairs * (dT + dS) + 2 * pairs * dS,
    );
    show(
      "  all pairs, no value",
      measure(() => k.cosineBlocks({ ...options, value: false })),
    );
  }
  const anchors = 60;
  show(
    "HTD prototypes",
    measure(() =>
      k.cosineCross({
        ...{ teacherAnchors: teacher, teacherRows: teacher, teacherCols: dT, studentAnchors: student },
        ...{
          studentRows: student,
          studentCols: dS,
          anchors,
          rows: n,
          skip: null,
          weight: 1,
          dAnchors: null,
          dRows: dStudent,
        },
      }),
    ),
    2 * anchors * n * (dT + 2 * dS),
  );
}
{
  const [experts, hidden] = [30, 110];
  for (const active of [30, 15, 5, 1.2]) {
    let total = 0;
    let flop = 0;
    for (const n of [716, 960, 1003]) {
      const z = k.f32From(
        Float32Array.from({ length: n * experts }, () => (uniform() < active / experts ? 1 / active : 0)),
      );
      const count = z.reduce((sum, x) => sum + (x > 0), 0);
      const options = {
        ...{ n, experts, inCols: dS, hidden, outCols: dT, input: random(n * dS), z },
        ...{
          w1: random(experts * dS * hidden),
          b1: random(experts * hidden),
          w2: random(experts * hidden * dT),
          b2: random(experts * dT),
        },
      };
      const grads = { input: k.f32(n * dS), z: k.f32(n * experts) };
      for (const name of ["w1", "b1", "w2", "b2"]) grads[name] = k.f32(options[name].length);
      const [out, dOut] = [k.f32(n * dT), random(n * dT)];
      total += measure(
        () => {
          k.mixExperts(options, out);
          k.mixExpertsGrad(options, dOut, grads);
        },
        { warm: 1, windows: 5 },
      ).best;
      flop += 6 * count * hidden * (dS + dT);
      for (const view of [
        z,
        options.input,
        options.w1,
        options.b1,
        options.w2,
        options.b2,
        out,
        dOut,
        ...Object.values(grads),
      ])
        k.free(view);
    }
    print(
      `DE experts, ${active} of 30 active: ${total.toFixed(2)} ms a step (${((total * 113) / 1000).toFixed(2)} s an epoch), ${(flop / total / 1e6).toFixed(1)} GFLOP/s`,
    );
  }
  const n = 960;
  const gate = { logits: random(n * 30, 3), noise: random(n * 30, 3), n, cols: 30, tau: 0.5, floor: 1e-10, least: 0 };
  const [z, dz] = [k.f32(n * 30), random(n * 30)];
  show(
    "gumbelSoftmax 960 x 30",
    measure(() => k.gumbelSoftmax(gate, z)),
  );
  show(
    "gumbelSoftmaxGrad",
    measure(() => k.gumbelSoftmaxGrad(gate, z, dz, dz)),
  );
}
{
  const [users, items, n] = [5219, 25181, 716];
  const offsets = k.i32From(Int32Array.from({ length: users + 1 }, (_, u) => 100 * u));
  const list = (length) => Array.from({ length }, () => Math.floor(uniform() * items)).sort((a, b) => a - b);
  const excluded = k.i32From(Array.from({ length: users }, () => list(100)).flat());
  for (const cols of [6, 20]) {
    const [user, item, dUser, dItem] = [
      random(users * cols, 1),
      random(items * cols, 1),
      k.f32(users * cols),
      k.f32(items * cols),
    ];
    const options = {
      user,
      item,
      cols,
      items,
      userIds: randomIds(n, users),
      n,
      excludeOffsets: offsets,
      excludeItems: excluded,
    };
    const [out, dOut] = [k.f32(n), random(n)];
    show(
      `logSumExpRest 716 x 25181, d=${cols}`,
      measure(() => k.logSumExpRest(options, out, null)),
    );
    show(
      "  and gradient",
      measure(() => k.logSumExpRest(options, out, { dOut, dUser, dItem, differentiate: () => {} })),
    );
  }
  const key = { key: [1, 2], nonce: [3, 4] };
  const words = k.i32(1 << 20);
  show(
    "randomWords 1M",
    measure(() => k.randomWords(key, 0, 1 << 20, words)),
  );
  const numbers = k.f32(1 << 20);
  show(
    "randomGumbel 1M",
    measure(() => k.randomGumbel(key, 0, 1 << 20, numbers)),
  );
  const rows = k.i32From(Int32Array.from({ length: users }, (_, u) => u));
  const out = k.i32(users * 40);
  show(
    "sampleByRank 5219 x 40 of 500, T=10",
    measure(() => k.sampleByRank(key, rows, k.i32(users).fill(500), users, 40, 10, out)),
  );
  const big = k.i32From(Int32Array.from({ length: users + 1 }, (_, u) => 500 * u));
  const taken = k.i32From(
    Array.from({ length: users }, () =>
      [...new Set(Array.from({ length: 700 }, () => Math.floor(uniform() * items)))]
        .slice(0, 500)
        .sort((a, b) => a - b),
    ).flat(),
  );
  show(
    "sampleUnlistedSets 5219 x 40 outside 500",
    measure(() => k.sampleUnlistedSets(key, rows, users, 40, big, taken, items, out)),
  );
  const negatives = k.i32(115142);
  const who = skewedIds(115142, users);
  show(
    "sampleUnlisted 115142",
    measure(() => k.sampleUnlisted(key, 0, who, 115142, offsets, excluded, items, negatives)),
  );
}
{
  const [n, cols] = [512, 25181];
  const [x, d] = [random(n * cols, 4), k.f32(n * cols)];
  const offsets = k.i32From(Int32Array.from({ length: n + 1 }, (_, r) => r));
  show(
    "multinomialRows 512 x 25181",
    measure(() => k.multinomialRows(x, n, cols, offsets, k.i32(n), 1, d)),
  );
  show(
    "addBias sigmoid 512 x 600",
    measure(() => k.addBias(x, d, n, 600, "sigmoid")),
  );
  const labels = k.f32(100000);
  show(
    "binaryCrossEntropy 100k",
    measure(() => k.binaryCrossEntropy(x, labels, null, 100000, 1, d)),
  );
}
