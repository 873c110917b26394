// One size of suite `scale`: trains epochs on generated interactions and prints what they cost.
import { peakMemory, resetPeakMemory } from "@kdp/runtime/training";
import { adamSweep } from "../floor.mjs";
import { stopwatch } from "../harness.mjs";
import { powerLaw } from "./power-law.mjs";
import { createTeacher, studentNode, trainNode } from "./training.mjs";

const { size, dim, name, runs } = JSON.parse(process.argv[2]);
const optimizer = name === "lazy" ? ', optimizer: "lazy_adam"' : "";
const node = studentNode(null, `bprmf(dim: ${dim}, batch: 1024${optimizer})`);
const train = powerLaw(size);
const teacher = await createTeacher({ users: 1, items: 1 }, 1);
await resetPeakMemory();
// The interactions count as the training's, the process and what made them do not.
const baseBytes = process.memoryUsage.rss() - 4 * train.itemIds.length;

const taken = [];
let watch = stopwatch();
await trainNode(node, {
  train,
  teacher,
  epochs: runs + 1,
  onEpoch: (epoch) => {
    if (epoch > 0) taken.push(watch());
    watch = stopwatch();
  },
});
const { users, items } = train;
const peakBytes = peakMemory();
const interactions = train.itemIds.length;
// What the optimiser's walk over all rows costs by itself: rows grow with the data, and so does every step of dense Adam.
const sweepSeconds =
  name === "lazy" ? 0 : adamSweep(teacher.kernels, (users + items) * dim) * Math.ceil(interactions / 1024);
process.stdout.write(JSON.stringify({ taken, users, items, interactions, peakBytes, baseBytes, sweepSeconds }));
