// A small catalogue with a teacher, a student and one step, for the cases.
import { createStreams } from "@kdp/runtime/training";
import { ownersOf, powerLaw, uniforms } from "../../setup/power-law.mjs";
import { createTeacher, normals } from "../../setup/training.mjs";

const TEACHER = 24;
export const STUDENT = 8;
const TRIPLETS = 150;
/** An epoch in which autoencoders anneal, half way. */
export const EPOCH = 25;

/** @returns the held-out items of each user beside what is trained on */
export async function createWorld() {
  const { train, valid, test } = heldOut(powerLaw(6000));
  const teacher = await createTeacher(train, TEACHER);
  return { train, valid, test, teacher, kernels: teacher.kernels, batch: stepOf(train, teacher.kernels) };
}

/** Two items of each user leave the train part: interactions are grouped by user, at least a dozen each. */
function heldOut(all) {
  const next = uniforms(3);
  const [train, valid, test] = [[], [], []];
  for (let user = 0; user < all.users; user++) {
    const own = Array.from(all.itemIds.subarray(all.offsets[user], all.offsets[user + 1]));
    for (const part of [valid, test]) part.push(own.splice(Math.floor(next() * own.length), 1));
    train.push(own);
  }
  const grouped = (lists) => {
    const offsets = new Int32Array(all.users + 1);
    lists.forEach((list, user) => {
      offsets[user + 1] = offsets[user] + list.length;
    });
    return { users: all.users, items: all.items, offsets, itemIds: Int32Array.from(lists.flat()) };
  };
  return { train: grouped(train), valid: grouped(valid), test: grouped(test) };
}

/** Random triplets, repeated users and items among them. */
function stepOf(train, kernels) {
  const next = uniforms(4);
  const owners = ownersOf(train);
  const own = (user) => train.itemIds.subarray(train.offsets[user], train.offsets[user + 1]);
  const [users, positives, negatives] = [[], [], []];
  while (users.length < TRIPLETS) {
    const pair = Math.floor(next() * owners.length);
    const negative = Math.floor(next() * train.items);
    if (own(owners[pair]).includes(negative)) continue;
    users.push(owners[pair]);
    positives.push(train.itemIds[pair]);
    negatives.push(negative);
  }
  const ids = (list) => kernels.i32From(Int32Array.from(list));
  const distinct = (...lists) => ids([...new Set(lists.flat())].sort((a, b) => a - b));
  return {
    epoch: EPOCH,
    step: 0,
    size: TRIPLETS,
    users: ids(users),
    positives: ids(positives),
    negatives: ids(negatives),
    uniqueUsers: distinct(users),
    uniquePositives: distinct(positives),
    uniqueNegatives: distinct(negatives),
    uniqueItems: distinct(positives, negatives),
  };
}

export const streamsOf = (name) => createStreams(0, name);

/** Parameters with random values and gradients of zero, by name. */
export function parametersOf(kernels, specs, spread) {
  return Object.fromEntries(
    specs.map((spec, i) => {
      const value = kernels.f32From(normals(spec.rows * spec.cols, spread, 50 + i));
      return [spec.name, { ...spec, value, grad: kernels.f32(value.length) }];
    }),
  );
}

/** A copy: kernel memory may move. */
export const array = (values, ...shape) => ({ shape, values: values.slice() });

/** Value or gradient of every parameter. */
export const arraysOf = (parameters, part) =>
  Object.fromEntries(
    Object.entries(parameters).map(([name, parameter]) => [
      name,
      array(parameter[part], parameter.rows, parameter.cols),
    ]),
  );

export function stepArrays({ batch, train }) {
  const pairs = new Int32Array(2 * train.itemIds.length);
  ownersOf(train).forEach((user, at) => {
    pairs.set([user, train.itemIds[at]], 2 * at);
  });
  const { users, positives, negatives, uniqueUsers, uniquePositives } = batch;
  const named = { users, positives, negatives, uniqueUsers, uniquePositives };
  const step = Object.fromEntries(Object.entries(named).map(([name, ids]) => [name, array(ids, ids.length)]));
  return { ...step, train: array(pairs, train.itemIds.length, 2) };
}
