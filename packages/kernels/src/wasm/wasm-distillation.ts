import type { Activation, DistillationKernels, ExpertsOptions } from "@kdp/plugin-api";
import { at, atOrNone, type WasmHost } from "./host.js";
import { cosineBlocksScratch, cosineCrossScratch, expertsPlan, gramScratch, restPlan } from "./scratch-sizes.js";

/** Numbers of the activations in `assembly/layers.ts`. */
const ACTIVATIONS: Readonly<Record<Activation, number>> = { none: 0, relu: 1, tanh: 2, sigmoid: 3 };

/** No block has more rows. */
const NEVER = 2 ** 31 - 1;

/**
 * Rows from which on a block costs less through Grams than pair by pair: half of n² (dT + 3 dS) against 2 n dS (dT + dS) for
 * the gradient; with the value, whose float64 Gram runs at a quarter of the speed, 2 n dT (dT + dS) more.
 */
function collapseFrom(dT: number, dS: number, withValue: boolean): number {
  const gradient = 4 * dS * (dT + dS);
  const value = withValue ? 4 * dT * (dT + dS) : 0;
  return Math.floor((gradient + value) / (dT + 3 * dS));
}

export function wasmDistillation({ exports, scratch, held, team }: WasmHost): DistillationKernels {
  const experts = ({ n, experts, input, inCols, hidden, outCols, z, w1, b1, w2, b2 }: ExpertsOptions) =>
    [n, experts, at(input), inCols, hidden, outCols, at(z), at(w1), at(b1), at(w2), at(b2)] as const;
  const expertsRoom = (options: ExpertsOptions) => {
    const plan = expertsPlan(options, team?.granted ?? 1);
    return [plan.rowRoom, scratch(plan.scratch)] as const;
  };

  return {
    gramF64: (a, aCols, b, bCols, n, out) =>
      void exports.gramF64(at(a), aCols, at(b), bCols, n, at(out), scratch(gramScratch(aCols, bCols))),
    sumSquaresF64: (x, n) => exports.sumSquaresF64(at(x), n),
    cosineBlocks(options) {
      const { teacher, teacherCols, student, studentCols, offsets, blocks, positiveOnly, value, weight } = options;
      let largest = 0;
      for (let g = 0; g < blocks; g++) {
        largest = Math.max(largest, (offsets[g + 1] as number) - (offsets[g] as number));
      }
      const limit = positiveOnly ? NEVER : collapseFrom(teacherCols, studentCols, value);
      const room = scratch(cosineBlocksScratch(Math.min(largest, limit), teacherCols, studentCols));
      return exports.cosineBlocks(
        at(teacher),
        teacherCols,
        at(student),
        studentCols,
        at(offsets),
        blocks,
        Number(positiveOnly),
        limit,
        Number(value),
        weight,
        at(options.dStudent),
        room,
      );
    },
    cosineCross(options) {
      const { teacherAnchors, teacherRows, teacherCols, studentAnchors, studentRows, studentCols } = options;
      const { anchors, rows, skip, weight, dAnchors, dRows } = options;
      return exports.cosineCross(
        at(teacherAnchors),
        at(teacherRows),
        teacherCols,
        at(studentAnchors),
        at(studentRows),
        studentCols,
        anchors,
        rows,
        atOrNone(skip),
        weight,
        atOrNone(dAnchors),
        at(dRows),
        scratch(cosineCrossScratch(anchors)),
      );
    },

    addBias: (x, bias, n, cols, activation) => void exports.addBias(at(x), at(bias), n, cols, ACTIVATIONS[activation]),
    addBiasGrad: (y, dy, n, cols, activation, dBias) =>
      void exports.addBiasGrad(at(y), at(dy), n, cols, ACTIVATIONS[activation], at(dBias)),
    mixExperts: (options, out) => void exports.mixExperts(...experts(options), at(out), ...expertsRoom(options)),
    mixExpertsGrad: (options, dOut, { input, z, w1, b1, w2, b2 }) =>
      void exports.mixExpertsGrad(
        ...experts(options),
        at(dOut),
        at(input),
        at(z),
        at(w1),
        at(b1),
        at(w2),
        at(b2),
        ...expertsRoom(options),
      ),

    softmaxRows: (x, n, cols, scale, out) => void exports.softmaxRows(at(x), n, cols, scale, at(out)),
    gumbelSoftmax: ({ logits, noise, n, cols, tau, floor, least }, z) =>
      void exports.gumbelSoftmax(at(logits), at(noise), n, cols, tau, floor, least, at(z)),
    gumbelSoftmaxGrad: ({ logits, n, cols, tau, floor }, z, dz, dLogits) =>
      void exports.gumbelSoftmaxGrad(at(logits), at(z), at(dz), n, cols, tau, floor, at(dLogits), scratch(4 * cols)),
    multinomialRows: (logits, n, cols, offsets, columns, weight, dLogits) =>
      exports.multinomialRows(at(logits), n, cols, at(offsets), at(columns), weight, at(dLogits)),
    binaryCrossEntropy: (logits, labels, weights, n, weight, dLogits) =>
      exports.binaryCrossEntropy(at(logits), at(labels), atOrNone(weights), n, weight, at(dLogits)),
    logSumExpRest(options, out, gradient) {
      const { user, item, cols, items, userIds, n, excludeOffsets, excludeItems } = options;
      const plan = restPlan(n, items, cols);
      const room = held(plan.room);
      const longest = exports.restItems(at(item), cols, items, room);
      for (let from = 0; from < n; from += plan.users) {
        const to = Math.min(n, from + plan.users);
        const ids = at(userIds) + 4 * from;
        const excluded = [at(excludeOffsets), at(excludeItems)] as const;
        const result = at(out) + 4 * from;
        exports.restForward(at(user), cols, items, ids, to - from, ...excluded, longest, plan.users, result, room);
        if (gradient === null) continue;
        gradient.differentiate(from, to);
        const dOut = at(gradient.dOut) + 4 * from;
        exports.restGrad(at(user), cols, items, ids, to - from, dOut, plan.users, at(gradient.dUser), room);
      }
      if (gradient !== null) exports.restItemsGrad(at(gradient.dItem), cols, items, room);
    },

    metricHinge: (user, item, cols, u, i, j, n, margin, dUser, dItem, weight = 1) =>
      exports.metricHinge(at(user), at(item), cols, at(u), at(i), at(j), n, margin, weight, at(dUser), at(dItem)),
    squaredGaps: (x, target, n, weight) => exports.squaredGaps(at(x), at(target), n, weight),
    clipRows: (table, cols, ids, n, most) => void exports.clipRows(at(table), cols, at(ids), n, most),
  };
}
