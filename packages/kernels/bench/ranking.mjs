import { kernels as k, measure, print, random, uniform } from "./support.mjs";

const [users, items] = [5219, 25181];
const offsets = k.i32(users + 1);
const lists = [];
for (let u = 0; u < users; u++) {
  const own = new Set();
  for (let q = 0; q < 22; q++) own.add(Math.floor(uniform() * items));
  lists.push(...[...own].sort((a, b) => a - b));
  offsets[u + 1] = lists.length;
}
const excluded = k.i32From(lists);
const userIds = k.i32From(Array.from({ length: users }, (_, u) => u));
const targetOffsets = k.i32From(Array.from({ length: users + 1 }, (_, u) => u));
const targets = k.i32From(Array.from({ length: users }, () => Math.floor(uniform() * items)));
for (const cols of [20, 200]) {
  const [user, item] = [random(users * cols), random(items * cols)];
  const [above, ties] = [k.i32(users), k.i32(users)];
  const once = { warm: 1, windows: 3 };
  const counts = measure(
    () => k.rankCounts(user, item, cols, items, userIds, targetOffsets, targets, users, offsets, excluded, above, ties),
    once,
  );
  let line = `d=${cols}: rankCounts ${counts.cpu.toFixed(0)} ms cpu (best ${counts.best.toFixed(0)})`;
  for (const top of [50, 100, 500]) {
    const [outItems, outScores] = [k.i32(users * top), k.f32(users * top)];
    const r = measure(
      () => k.topK(user, item, cols, items, userIds, users, offsets, excluded, top, outItems, outScores),
      once,
    );
    line += `; top${top} ${r.cpu.toFixed(0)} (${r.best.toFixed(0)})`;
    k.free(outItems);
    k.free(outScores);
  }
  print(line);
}
