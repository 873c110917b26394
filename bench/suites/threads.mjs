// Wall time of training steps on one thread and on several, step by step in turn within one training: what else the machine
// does meets both alike, and since results do not depend on threads both train the same student.
import { availableParallelism } from "node:os";
import { teamOf } from "@kdp/kernels";
import { median, resultOf, stopwatch } from "../harness.mjs";
import { HEAVY, isWanted, LESSONS } from "../setup/methods.mjs";
import { loadSplit } from "../setup/split.mjs";
import { createTeacher, studentNode, trainNode } from "../setup/training.mjs";

const BATCH = 1024;
/** What is trained: the epochs of annealed methods stand for all experts a row, and for few. */
const TRAININGS = [
  ...[1, 51].flatMap((epoch) => ["de", "htd"].map((method) => ({ method, epoch, steps: epoch === 1 ? 6 : 30 }))),
  ...["phr", "lightgcn"].map((method) => ({ method, epoch: 0, steps: 8 })),
  ...["multi_vae", "item_ae"].map((method) => ({ method, epoch: 0, steps: 4 })),
];
/** Steps that compile, and start the helpers. */
const WARM_UP = 2;

export async function* run(options) {
  const counts = [1, options.threads ?? Math.min(2, availableParallelism())];
  const { train } = await loadSplit(options);
  const teacher = await createTeacher(train);
  const team = teamOf(teacher.kernels);
  team.grant(Math.max(...counts));
  await team.ready();
  for (const { method, epoch, steps } of TRAININGS.filter(({ method }) => isWanted(options.only, method))) {
    const heavy = HEAVY[method];
    const model = heavy?.model ?? `bprmf(dim: 20, batch: ${BATCH})`;
    const node = studentNode(heavy ? heavy.lesson : LESSONS[method], model, heavy?.teachers);
    const runs = options.runs ?? (options.quick ? steps >> 1 : steps);
    const taken = await takenSteps({ node, train, teacher, team, counts, epoch, steps: runs });
    for (const [at, threads] of counts.entries()) {
      const config = { model, epoch, split: "citeulike-t-td-loo", threads, of: "a step" };
      yield resultOf({ suite: "threads", name: method, config, taken: taken[at], centre: median });
    }
    const [one, several] = taken.map((runs) => median(runs.map(({ wall }) => wall)));
    options.note(`${method}, epoch ${epoch}: ${(one / several).toFixed(2)} times as fast on ${counts[1]} threads`);
  }
  await team.close();
}

/** Seconds of steps on each number of threads. */
async function takenSteps({ node, train, teacher, team, counts, epoch, steps }) {
  const enough = new Error("enough steps");
  const taken = counts.map(() => []);
  let done = 0;
  let watch = stopwatch();
  const training = trainNode(node, {
    train,
    teacher,
    epochs: steps,
    epochOf: () => epoch,
    onStep(step) {
      // The first step of an epoch stands behind what the epoch begins with.
      if (done >= WARM_UP && step > 0) taken[done % counts.length].push(watch());
      done++;
      if (taken.every((runs) => runs.length >= steps)) throw enough;
      team.grant(counts[done % counts.length]);
      watch = stopwatch();
    },
  });
  await training.catch((error) => {
    if (error !== enough) throw error;
  });
  return taken;
}
