// A training as `kdp run` does it, without the scheduler: arguments come from the compiler, the trainer is the runtime's own.
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { compile } from "@kdp/dsl";
import { createKernels } from "@kdp/kernels";
import plugin from "@kdp/plugins";
import { librarySource } from "@kdp/runtime";
import {
  createScorerRanking,
  createStreams,
  loadTensorflow,
  lossFamily,
  runTraining,
  trainingSettings,
} from "@kdp/runtime/training";
import { uniforms } from "./power-law.mjs";

const HERE = dirname(fileURLToPath(import.meta.url));
/** Ranked items that RRD and its kin read. */
const POOL = 500;
/** Snapshots of a teacher's training, and the ranked items that HetComp reads of each. */
const SNAPSHOTS = 4;
const TOP = 100;

export const library = () => [librarySource("@kdp/plugins", HERE).manifest];

/**
 * The node of a student, with every argument resolved by the compiler.
 * @param lesson losses as written in `distill(…)`, or null for a plain model
 * @param model a call such as `bprmf(dim: 20)`
 * @param teachers more than one come as a list, with their snapshots
 */
export function studentNode(lesson, model, teachers = 1) {
  const student = lesson ? `teacher -> distill(${lesson}, on: split.train) -> ${model}` : `split.train -> ${model}`;
  const crowd = Array.from(
    { length: teachers },
    (_, seed) => `t${seed}: bprmf(dim: 200, snapshots: ${SNAPSHOTS}, seed: ${seed})`,
  );
  const text = `kdp 1
pipeline bench {
  let split = given_split(train: "train.tsv", valid: "valid.tsv", test: "test.tsv")
  let teacher = split.train -> ${teachers > 1 ? `[${crowd.join(", ")}]` : "bprmf(dim: 200)"}
  let student = ${student}
  let scores = student -> evaluate(on: split.test, metrics: [recall@50])
}
`;
  const { plan, diagnostics } = compile({ file: "bench.kdp", text }, { library: library() });
  const node = plan?.nodes.find(({ name }) => name === "student");
  if (node) return node;
  throw new Error(`the bench's pipeline does not compile: ${diagnostics.map(({ message }) => message).join("; ")}`);
}

/** Seeded normal numbers (Box and Muller). */
export function normals(length, scale, seed) {
  const uniform = uniforms(seed);
  const out = new Float32Array(length);
  for (let i = 0; i < length; i++)
    out[i] = scale * Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform());
  return out;
}

/** Kernels with a teacher's tables in their memory: random ones, as in bench/peers, since only their shape costs time. */
export async function createTeacher(train, dim = 200) {
  const kernels = await createKernels();
  const user = kernels.f32From(normals(train.users * dim, 0.3, 1));
  const item = kernels.f32From(normals(train.items * dim, 0.3, 2));
  let ranking = null;
  const view = {
    name: "teacher",
    embeddings: { user: { cols: dim, values: user }, item: { cols: dim, values: item } },
    get ranking() {
      ranking ??= createScorerRanking(kernels, train).topK(
        { kind: "dot", user, item, cols: dim },
        Math.min(POOL, train.items),
      );
      return ranking;
    },
  };
  return { kernels, view };
}

/**
 * Teachers with the snapshots of a training, on the kernels of the first: random tables again, narrow ones, since a student
 * of many teachers reads their lists alone.
 */
export function createCrowd(train, { kernels }, count, dim = 20) {
  const ranking = createScorerRanking(kernels, train);
  const k = Math.min(TOP, train.items);
  return Array.from({ length: count }, (_, teacher) => {
    const tables = (snapshot) => {
      const seed = 100 * teacher + 10 * snapshot;
      const user = kernels.f32From(normals(train.users * dim, 0.3, seed + 1));
      return { kind: "dot", user, item: kernels.f32From(normals(train.items * dim, 0.3, seed + 2)), cols: dim };
    };
    const snapshots = Array.from({ length: SNAPSHOTS }, (_, snapshot) => tables(snapshot));
    const last = snapshots.at(-1);
    return {
      name: `teacher ${teacher}`,
      trajectory: snapshots.map((scorer) => ({ ...ranking.topK(scorer, k), scores: null })),
      scores: ({ ids, others, rows, k: width }, out) =>
        kernels.dotLists(last.user, last.item, dim, ids, others, rows, width, out),
    };
  });
}

/**
 * Trains the node.
 * @param options.crowd teachers of a loss that takes many, in place of the one
 * @param options.epochs how many; the lesson sees epoch `epochOf(i)` in the place of `i`
 * @param options.onStart before an epoch's samplers run
 * @param options.onStep after a step; what it throws ends the training
 * @param options.onEpoch after an epoch
 */
export async function trainNode(node, { train, teacher, crowd, epochs, epochOf = (i) => i, onStart, onStep, onEpoch }) {
  const { kernels, view } = teacher;
  const settings = { ...trainingSettings(node.params), epochs };
  const streams = createStreams(settings.seed, node.stage);
  const losses = (node.lesson?.losses ?? []).map(({ stage, params }, position) => ({
    name: stage,
    definition: at(plugin.losses[stage], epochOf, onStart),
    params,
    teachers: crowd ?? [only(view, plugin.losses[stage].needs)],
    streams: createStreams(settings.seed, lossFamily(stage, position)),
  }));
  await runTraining({
    node: node.id,
    kernels,
    train,
    settings,
    streams,
    createModel: (own) =>
      plugin.models[node.stage].create({
        params: node.params,
        users: train.users,
        items: train.items,
        train,
        streams,
        kernels: own,
      }),
    lesson: node.lesson ? { baseWeight: node.lesson.baseWeight, losses } : null,
    validation: null,
    snapshotLength: 1,
    forms: "fastest",
    tensorflow: async () => (await loadTensorflow()).tf,
    checkpoints: { load: async () => null, save: async () => {} },
    pauses: { betweenSteps: async (step, steps) => onStep?.(step, steps), betweenEpochs: async () => {} },
    emit: (event) => {
      if (event.type === "epoch") onEpoch?.(event.epoch - 1);
    },
    note: () => {},
  });
}

const only = (view, needs) => ({
  name: view.name,
  ...(needs.includes("embeddings") ? { embeddings: view.embeddings } : {}),
  ...(needs.includes("ranking") ? { ranking: view.ranking } : {}),
});

/** The loss with another clock: a bench of epochs 1, 11, …, 91 need not train the ones between. */
const at = (definition, epochOf, onStart) => ({
  ...definition,
  create(context) {
    const instance = definition.create(context);
    return Object.create(instance, {
      startEpoch: {
        value(epoch, student) {
          onStart?.(epoch);
          instance.startEpoch?.(epochOf(epoch), student);
        },
      },
    });
  },
});
