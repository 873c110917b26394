// Models and losses in their fused forms, with everything that check.py needs to do the same.
import plugin from "@kdp/plugins";
import { lossFamily } from "@kdp/runtime/training";
import { createCrowd, studentNode } from "../../setup/training.mjs";
import { array, arraysOf, EPOCH, parametersOf, STUDENT, stepArrays, streamsOf } from "./world.mjs";

const SPREAD = 0.3;

const MODELS = {
  bprmf: `bprmf(dim: ${STUDENT})`,
  lightgcn: `lightgcn(dim: ${STUDENT}, layers: 3)`,
  multi_vae: "multi_vae(hidden: [12, 5])",
  item_ae: "item_ae(hidden: [12, 5])",
};

/** Losses, and the epochs in which they are compared: experts run all together at first, one by one later. */
const LOSSES = {
  rrd: { lesson: "rrd(interesting: 8, uninteresting: 6, pool: 40)", epochs: [0] },
  ftd: { lesson: "ftd()", epochs: [0] },
  de: { lesson: "de(experts: 5, anneal_epochs: 100)", epochs: [0, 11, 51] },
  htd: { lesson: "htd(groups: 5, anneal_epochs: 100)", epochs: [0, 11, 51] },
  hetcomp: { lesson: "hetcomp(top: 20, observed: 15, overall_weight: 1)", epochs: [0], teachers: 2 },
  phr: { lesson: "phr(entities: 32)", epochs: [0] },
};

/** A model on parameters of its own. */
function modelOf({ kernels, train }, name, call, spread) {
  const { stage, params } = studentNode(null, call);
  const streams = streamsOf(name);
  const { users, items } = train;
  const instance = plugin.models[stage].create({ params, users, items, train, streams, kernels });
  const parameters = parametersOf(kernels, instance.parameters, spread);
  return { parameters, model: instance.fused.cpu(parameters), streams };
}

export function modelCases(world) {
  return Object.entries(MODELS).map(([name, call]) => {
    const { parameters, model, streams } = modelOf(world, name, call, SPREAD);
    const arrays = { ...arraysOf(parameters, "value"), ...stepArrays(world), ...noiseOf(world, name, streams) };
    model.beginStep?.(world.batch);
    const value = model.baseLoss(world.batch, 1);
    model.endStep?.();
    const numbers = { epoch: EPOCH, users: world.train.users, items: world.train.items };
    return { name, method: name, numbers, arrays, value, gradients: arraysOf(parameters, "grad") };
  });
}

/** What an autoencoder draws in the step: the entries that dropout keeps, and the latent noise. */
function noiseOf({ train, batch }, name, streams) {
  if (name !== "multi_vae" && name !== "item_ae") return {};
  const rows = name === "multi_vae" ? batch.uniqueUsers : batch.uniquePositives;
  const ids = (user) => train.itemIds.subarray(train.offsets[user], train.offsets[user + 1]);
  const times = (item) => train.itemIds.reduce((n, id) => n + (id === item ? 1 : 0), 0);
  const size = (row) => (name === "multi_vae" ? ids(row).length : times(row));
  const entries = rows.reduce((sum, row) => sum + size(row), 0);
  const drops = streams.stream("dropout", EPOCH);
  const keep = Int32Array.from({ length: entries }, () => (drops.uniform() < 0.5 ? 0 : 1));
  const noise = new Float32Array(rows.length * 5);
  streams.stream("sampling", EPOCH).fillNormal(noise, 1);
  return { keep: array(keep, entries), noise: array(noise, rows.length, 5) };
}

export async function lossCases(world) {
  return Object.entries(LOSSES).flatMap(([name, { lesson, epochs, teachers = 1 }]) =>
    epochs.map((epoch) => lossCase(world, name, studentNode(lesson, MODELS.bprmf, teachers), { epoch, teachers })),
  );
}

function lossCase(world, name, node, { epoch, teachers }) {
  const { kernels, train, batch, teacher } = world;
  const { parameters, model } = modelOf(world, name, MODELS.bprmf, SPREAD);
  const [{ stage, params }] = node.lesson.losses;
  const streams = streamsOf(lossFamily(stage, 0));
  const { users, items } = train;
  const instance = plugin.losses[stage].create({
    params,
    users,
    items,
    train,
    teachers: teachers > 1 ? createCrowd(train, teacher, teachers) : [teacher.view],
    width: model.width,
    streams,
    kernels,
    epochs: 100,
    note: () => {},
  });
  const state = parametersOf(kernels, instance.state ?? [], SPREAD);
  instance.startEpoch?.(epoch, null);
  const request = instance.request(batch);
  const asked = {
    ...listsOf(request.scores ?? {}, params),
    ...Object.fromEntries(
      Object.entries(request.rows ?? {}).map(([side, ids]) => [`rows/${side}`, array(ids, ids.length)]),
    ),
  };
  const arrays = {
    ...arraysOf({ ...parameters, ...state }, "value"),
    ...stepArrays(world),
    ...asked,
    ...gumbelOf(world, name, streams, epoch, params),
    ...teacherArrays(teacher.view),
  };
  const value = instance.fused.cpu({ batch, student: model, state, weight: 1 });
  const numbers = { epoch, users, items, experts: params.experts ?? params.groups ?? 0 };
  const gradients = arraysOf({ ...parameters, ...state }, "grad");
  return { name: epochSuffix(name, epoch), method: name, numbers, arrays, value, gradients };
}

const epochSuffix = (name, epoch) => (epoch === 0 ? name : `${name}, epoch ${epoch}`);

/** Lists of users, ordered part and unordered part, each ending in -1 where it is shorter than the longest. */
function listsOf(scores, params) {
  const lists = Object.values(scores);
  if (lists.length === 0) return {};
  const [k, l] = params.top ? [params.observed, params.top] : [params.interesting, params.uninteresting];
  const rows = lists.flatMap(({ ids, others, rows: n, k: width }) =>
    Array.from({ length: n }, (_, r) => ({ id: ids[r], own: Array.from(others.subarray(r * width, (r + 1) * width)) })),
  );
  rows.sort((a, b) => a.id - b.id);
  // Only ordered parts are ever short here: every user has more unseen items than a list takes.
  const ordered = rows.flatMap(({ own }) => Object.assign(Array(k).fill(-1), own.slice(0, own.length - l)));
  const unordered = rows.flatMap(({ own }) => own.slice(own.length - l));
  return {
    "lists/users": array(
      Int32Array.from(rows, ({ id }) => id),
      rows.length,
    ),
    "lists/ordered": array(Int32Array.from(ordered), rows.length, k),
    "lists/unordered": array(Int32Array.from(unordered), rows.length, l),
  };
}

/** The Gumbel numbers that the loss drew for its step: a lane of the epoch's stream for each call. */
function gumbelOf({ kernels, batch }, name, streams, epoch, params) {
  const experts = params.experts ?? params.groups;
  if (!experts) return {};
  const [users, items] = [batch.uniqueUsers.length, batch.uniqueItems.length];
  // DE draws for users, then for positives and negatives; HTD for users and items at once.
  const calls = name === "de" ? [users, batch.uniquePositives.length + batch.uniqueNegatives.length] : [users + items];
  const { key } = streams.stream("gumbel", epoch);
  const drawn = calls.map((rows, call) => {
    const numbers = kernels.f32(rows * experts);
    kernels.randomGumbel(key, call + 1, numbers.length, numbers);
    return [`gumbel/${call}`, array(numbers, rows, experts)];
  });
  return Object.fromEntries(drawn);
}

function teacherArrays({ embeddings }) {
  const table = ({ cols, values }) => array(values, values.length / cols, cols);
  return { "teacher/user": table(embeddings.user), "teacher/item": table(embeddings.item) };
}
