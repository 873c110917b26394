// Steps per CPU-second of each loss at several widths and batches, on CiteULike: whole epochs of the trainer, divided by their steps.
import { createKernels } from "@kdp/kernels";
import { stepCost, stepSizes, temperature } from "../costs.mjs";
import { createFloor } from "../floor.mjs";
import { resultOf, stopwatch } from "../harness.mjs";
import { ANNEALED, isWanted, LESSONS, METHODS } from "../setup/methods.mjs";
import { loadSplit } from "../setup/split.mjs";
import { createTeacher, studentNode, trainNode } from "../setup/training.mjs";

const DIMS = [20, 64, 200];
const BATCHES = [1024, 4096];
/** Epoch of an annealed run of 100 whose temperature the steps have: near one expert an entity, as most of the run. */
const SETTLED = 51;
const WARM_UP = 3;

export async function* run(options) {
  const { train } = await loadSplit(options);
  const floor = createFloor(await createKernels());
  const teacher = await createTeacher(train);
  const steps = options.quick ? 6 : 20;
  for (const method of METHODS.filter((name) => isWanted(options.only, name))) {
    for (const dim of options.quick ? [20, 64] : DIMS) {
      for (const batch of BATCHES) {
        const node = studentNode(LESSONS[method], `bprmf(dim: ${dim}, batch: ${batch})`);
        const taken = await timeSteps(node, train, teacher, steps);
        const tau = ANNEALED.has(method) ? temperature(SETTLED) : 1;
        const sizes = stepSizes(train, batch);
        const { phases, workingSet } = stepCost(method, { train, sizes, dim, batch, tau });
        const floorSeconds = floor.seconds(phases, workingSet);
        const result = resultOf({ suite: "step", name: method, config: {}, taken, floorSeconds });
        const total = (key) => phases.reduce((sum, phase) => sum + phase[key], 0);
        yield {
          ...result,
          config: {
            dim,
            batch,
            stepsPerCpuSecond: 1 / result.cpuSeconds,
            gflops: total("flop") / result.cpuSeconds / 1e9,
            gigabytesPerSecond: total("bytes") / result.cpuSeconds / 1e9,
            shareOfFloor: floorSeconds / result.cpuSeconds,
          },
        };
      }
    }
  }
}

/** `{ cpu, wall }` of each of so many steps, after a few that compile. */
async function timeSteps(node, train, teacher, wanted) {
  const enough = new Error("enough steps");
  const taken = [];
  let seen = 0;
  let watch = stopwatch();
  const training = trainNode(node, {
    train,
    teacher,
    epochs: 100,
    epochOf: () => SETTLED,
    onStep(step) {
      seen++;
      // What an epoch does before its first step is no part of a step.
      if (seen > WARM_UP && step > 0) taken.push(watch());
      if (taken.length === wanted) throw enough;
      watch = stopwatch();
    },
  });
  await training.catch((error) => {
    if (error !== enough) throw error;
  });
  return taken;
}
