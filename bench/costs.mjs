// Arithmetic and traffic that each step needs at least, in the forms of design (docs/performance.md): what the floors are made of.
// A phase is `{ flop, bytes }`; float32 throughout.
import { ADAM_BYTES } from "./floor.mjs";
import { ownersOf, uniforms } from "./setup/power-law.mjs";
import { normals } from "./setup/training.mjs";

const F32 = 4;
/** Arithmetic of an exponential, a logarithm or both, in multiplications. */
const TRANSCENDENTAL = 20;
const EXPERTS = 30;
const LISTED = 80;
const POOL = 500;

/** Distinct users, positives, negatives and items of a mean step, by drawing steps as the trainer does. */
export function stepSizes(train, batch) {
  const next = uniforms(9);
  const pick = (n) => Math.floor(next() * n);
  const owners = ownersOf(train);
  const draws = 8;
  const sums = { users: 0, positives: 0, negatives: 0, items: 0 };
  for (let draw = 0; draw < draws; draw++) {
    const [users, positives, negatives] = [new Set(), new Set(), new Set()];
    for (let i = 0; i < batch; i++) {
      const pair = pick(owners.length);
      users.add(owners[pair]);
      positives.add(train.itemIds[pair]);
      negatives.add(pick(train.items));
    }
    sums.users += users.size / draws;
    sums.positives += positives.size / draws;
    sums.negatives += negatives.size / draws;
    sums.items += new Set([...positives, ...negatives]).size / draws;
  }
  return sums;
}

/** Sampling, gather, loss, scatter, dense Adam. */
export function baseStep({ users, items, dim, batch }) {
  const numbers = (users + items) * dim;
  return [
    { flop: 10 * batch * dim + TRANSCENDENTAL * batch, bytes: 3 * batch * dim * F32 * 3 },
    { flop: 12 * numbers, bytes: ADAM_BYTES * numbers },
  ];
}

/** Lists of 40 + 40 items per distinct user: dot products, their gradients, the list's own loss. */
export function rrdStep({ sizes, dim }) {
  const listed = sizes.users * LISTED;
  return [{ flop: listed * (6 * dim + TRANSCENDENTAL), bytes: listed * dim * F32 * 3 }];
}

/** One exponential key for each of 500 ranked items per user, once an epoch. */
export const rrdEpoch = ({ users }) => [{ flop: users * POOL * TRANSCENDENTAL, bytes: users * POOL * F32 * 2 }];

/** Gram matrices instead of all pairs; the value, most of it, every tenth step. */
export function ftdStep({ sizes, dim, teacher }) {
  const n = sizes.users + sizes.items;
  const gradient = 4 * n * teacher * dim + 4 * n * dim * dim;
  const value = (n * teacher * teacher) / 10;
  return [{ flop: gradient + value, bytes: n * (2 * teacher + 6 * dim) * F32 }];
}

/** Share of the 30 experts whose gate is above 1e-7 τ, at the start of training, with Gumbel noise. */
export function activeExperts(tau) {
  const rows = 400;
  const logits = normals(rows * EXPERTS, 0.17, 5);
  const uniform = uniforms(6);
  let active = 0;
  for (let row = 0; row < rows; row++) {
    const z = [];
    for (let m = 0; m < EXPERTS; m++) {
      z.push((logits[row * EXPERTS + m] - Math.log(-Math.log(uniform()))) / tau);
    }
    const top = Math.max(...z);
    const total = z.reduce((sum, value) => sum + Math.exp(value - top), 0);
    for (const value of z) if (Math.exp(value - top) / total > 1e-7 * tau) active++;
  }
  return active / rows;
}

/** Two layers of `experts` experts on `n` entities: forward, and twice that backward; their Adam. */
function expertsPhase({ n, dim, teacher, tau, sides }) {
  const hidden = Math.floor((dim + teacher) / 2);
  const weights = dim * hidden + hidden * teacher;
  const parameters = sides * EXPERTS * weights;
  return [
    { flop: 6 * weights * n * activeExperts(tau), bytes: n * (teacher + 2 * dim) * F32 },
    { flop: 12 * parameters, bytes: ADAM_BYTES * parameters },
  ];
}

/** Users, positives and negatives each go through the experts. */
export const deStep = ({ sizes, dim, teacher, tau }) =>
  expertsPhase({ n: sizes.users + sizes.positives + sizes.negatives, dim, teacher, tau, sides: 2 });

/** The experts of the group assignment, pairs inside groups (of even size: the least there can be), prototypes with entities. */
export function htdStep({ sizes, dim, teacher, tau }) {
  const n = sizes.users + sizes.items;
  const pairs = (sizes.users ** 2 + sizes.items ** 2) / EXPERTS / 2;
  const groups = 2 * EXPERTS;
  const topology = pairs * (2 * teacher + 6 * dim) + groups * n * (2 * teacher + 6 * dim);
  return [
    ...expertsPhase({ n, dim, teacher, tau, sides: 2 }),
    { flop: topology, bytes: n * (teacher + 3 * dim) * F32 },
  ];
}

/** τ of an epoch, counted from 0: 1 in the first two, 1e-10 after 100. */
export const temperature = (epoch, horizon = 100) => 1e-10 ** (Math.max(epoch - 1, 0) / horizon);

const EXTRA = { bprmf: () => [], rrd: rrdStep, ftd: ftdStep, de: deStep, htd: htdStep };

/** Phases of one step of a method, with the bytes that it touches. */
export function stepCost(method, { train, sizes, dim, batch, teacher = 200, tau = 1 }) {
  const base = baseStep({ users: train.users, items: train.items, dim, batch });
  const phases = [...base, ...EXTRA[method]({ sizes, dim, teacher, tau })];
  // The optimiser's four arrays, which every step goes through.
  return { phases, workingSet: (train.users + train.items) * dim * F32 * 4 };
}

/** Seconds that an epoch needs at least. */
export function epochFloor(floor, method, options) {
  const steps = Math.ceil(options.train.itemIds.length / options.batch);
  const { phases, workingSet } = stepCost(method, options);
  const once = method === "rrd" ? rrdEpoch(options.train) : [];
  return steps * floor.seconds(phases, workingSet) + floor.seconds(once, workingSet);
}

/** Layers of LightGCN, forward and back: a row of 64 numbers read for each of two directions of an interaction. */
function lightgcnStep({ train }) {
  const [dim, layers] = [64, 3];
  const rows = 2 * layers * 2 * train.itemIds.length;
  const table = (train.users + train.items) * dim;
  return [
    { flop: 2 * rows * dim, bytes: rows * 2 * F32 },
    { flop: 0, bytes: 2 * layers * 2 * table * F32 },
    { flop: 12 * table, bytes: ADAM_BYTES * table },
  ];
}

/** Scores of all items for a step's users, their exponentials, and two products for the gradient. */
function hetcompStep({ train, sizes }) {
  const dim = 6;
  return [
    { flop: sizes.users * train.items * (6 * dim + TRANSCENDENTAL), bytes: 0 },
    { flop: 0, bytes: ADAM_BYTES * (train.users + train.items) * dim },
  ];
}

/** Hypernets that turn 64 teacher rows of each side into a map of the student's; their Adam. */
function phrStep({ teacher }) {
  const dim = 20;
  const hidden = (teacher + teacher * dim) / 2;
  const weights = teacher * hidden + hidden * teacher * dim;
  return [
    { flop: 6 * weights * 2 * 64, bytes: 0 },
    { flop: 12 * 2 * weights, bytes: ADAM_BYTES * 2 * weights },
  ];
}

/** The output layer, forward and twice back, is nearly all of an autoencoder of 600-200; Adam of both outer layers a step. */
function autoencoderEpoch(rows, columns) {
  const hidden = 600;
  const steps = Math.ceil(rows / 500);
  const weights = 2 * columns * hidden;
  return [
    { flop: 6 * rows * hidden * (columns + 2 * 200), bytes: 0 },
    { flop: 12 * weights * steps, bytes: ADAM_BYTES * weights * steps },
  ];
}

/** Seconds that an epoch of one of the heavy methods needs at least. */
export function heavyFloor(floor, method, options) {
  const { train, batch } = options;
  const { users, items } = train;
  const times = (phases, steps) => phases.map(({ flop, bytes }) => ({ flop: flop * steps, bytes: bytes * steps }));
  const steps = Math.ceil(train.itemIds.length / batch);
  const phases = {
    hetcomp: () => times(hetcompStep(options), steps),
    phr: () => times(phrStep(options), steps),
    lightgcn: () => times(lightgcnStep(options), steps),
    multi_vae: () => autoencoderEpoch(users, items),
    item_ae: () => autoencoderEpoch(items, users),
  };
  return floor.seconds(phases[method](), 1 << 27);
}
