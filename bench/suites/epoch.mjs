// CPU-seconds of one epoch of each method at 200 → 20 on CiteULike, without evaluation, with samplers and optimiser.
import { createKernels } from "@kdp/kernels";
import { epochFloor, heavyFloor, stepSizes, temperature } from "../costs.mjs";
import { createFloor } from "../floor.mjs";
import { mean, median, resultOf, stopwatch } from "../harness.mjs";
import { createPeers } from "../peers.mjs";
import { ANNEALED, HEAVY, isWanted, LESSONS, METHODS, SAMPLED_EPOCHS } from "../setup/methods.mjs";
import { loadSplit, splitFiles } from "../setup/split.mjs";
import { createCrowd, createTeacher, studentNode, trainNode } from "../setup/training.mjs";

const BATCH = 1024;
const DIM = 20;
const TEACHER = 200;
/** With --quick: steps of an annealed epoch that are measured, the first of them apart. */
const QUICK_STEPS = 7;

export async function* run(options) {
  const { train } = await loadSplit(options);
  const floor = createFloor(await createKernels());
  const teacher = await createTeacher(train, TEACHER);
  const sizes = stepSizes(train, BATCH);
  const peers = createPeers({ script: "epoch.py", files: splitFiles(options), ...options });
  for (const method of METHODS.filter((name) => isWanted(options.only, name))) {
    const node = studentNode(LESSONS[method], `bprmf(dim: ${DIM}, batch: ${BATCH})`);
    const floorAt = (tau) => epochFloor(floor, method, { train, sizes, dim: DIM, batch: BATCH, teacher: TEACHER, tau });
    const config = { dim: DIM, teacher: TEACHER, batch: BATCH, split: "citeulike-t-td-loo", threads: 1 };
    const result = ANNEALED.has(method)
      ? await annealed({ method, node, train, teacher, floorAt, config, quick: options.quick })
      : await steady({ method, node, train, teacher, floorAt, config, runs: options.runs ?? (options.quick ? 3 : 7) });
    yield result;
    yield* peers.beside(result, ["--methods", method]);
  }
  for (const [method, { lesson, model, teachers }] of Object.entries(HEAVY)) {
    if (!isWanted(options.only, method)) continue;
    const node = studentNode(lesson, model, teachers);
    const crowd = teachers > 1 ? createCrowd(train, teacher, teachers) : null;
    const config = { model, split: "citeulike-t-td-loo", threads: 1 };
    const runs = options.runs ?? (options.quick ? 1 : 2);
    const floorAt = () => heavyFloor(floor, method, { train, sizes, batch: BATCH, teacher: TEACHER });
    const result = await steady({ method, node, train, teacher, crowd, floorAt, config, runs });
    yield result;
    yield* peers.beside(result, ["--methods", method]);
  }
  const { gflops, gigabytes } = floor.measured();
  const rates = Object.entries(gigabytes).map(([size, rate]) => `${rate.toFixed(1)} GB/s at ${size / 2 ** 20} MiB`);
  options.note(`floor: ${gflops.toFixed(1)} GFLOP/s, ${rates.join(", ")}`);
}

/** Whole epochs of one training, the first left out: it compiles. */
async function steady({ method, node, train, teacher, crowd = null, floorAt, config, runs }) {
  const taken = [];
  let watch = stopwatch();
  await trainNode(node, {
    train,
    teacher,
    crowd,
    epochs: runs + 1,
    onEpoch: (epoch) => {
      if (epoch > 0) taken.push(watch());
      watch = stopwatch();
    },
  });
  return resultOf({ suite: "epoch", name: method, config, taken, floorSeconds: floorAt(1), centre: median });
}

/** Epochs 1, 11, …, 91 of an annealed run, one after the other in one training. */
async function annealed({ method, node, train, teacher, floorAt, config, quick }) {
  const taken = quick ? await sampledEpochs(node, train, teacher) : await wholeEpochs(node, train, teacher);
  return resultOf({
    suite: "epoch",
    name: method,
    config: {
      ...config,
      annealed: 100,
      epochs: SAMPLED_EPOCHS,
      epochCpuSeconds: taken.map(({ cpu }) => cpu),
      ...(quick ? { measuredSteps: QUICK_STEPS } : {}),
    },
    taken,
    floorSeconds: mean(SAMPLED_EPOCHS.map((epoch) => floorAt(temperature(epoch)))),
    centre: mean,
  });
}

async function wholeEpochs(node, train, teacher) {
  // The last epoch is the cheapest to warm up on.
  const order = [SAMPLED_EPOCHS.at(-1), ...SAMPLED_EPOCHS];
  const taken = [];
  let watch = stopwatch();
  await trainNode(node, {
    train,
    teacher,
    epochs: order.length,
    epochOf: (i) => order[i],
    onEpoch: (i) => {
      if (i > 0) taken.push(watch());
      watch = stopwatch();
    },
  });
  return taken;
}

/** A few steps of each epoch, scaled to all of them; what an epoch does before its first step counts once. */
async function sampledEpochs(node, train, teacher) {
  const enough = new Error("enough steps");
  const taken = [];
  for (const epoch of [SAMPLED_EPOCHS.at(-1), ...SAMPLED_EPOCHS]) {
    let watch = null;
    let first = null;
    const training = trainNode(node, {
      train,
      teacher,
      epochs: 1,
      epochOf: () => epoch,
      onStart: () => {
        watch = stopwatch();
      },
      onStep(step, steps) {
        if (step === 0) first = watch();
        if (step < QUICK_STEPS - 1) return;
        const all = watch();
        const scaled = (key) => {
          const perStep = (all[key] - first[key]) / (QUICK_STEPS - 1);
          return Math.max(0, first[key] - perStep) + perStep * steps;
        };
        taken.push({ cpu: scaled("cpu"), wall: scaled("wall") });
        throw enough;
      },
    });
    await training.catch((error) => {
      if (error !== enough) throw error;
    });
  }
  return taken.slice(1);
}
