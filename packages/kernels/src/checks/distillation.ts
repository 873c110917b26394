import type { DistillationKernels, ExpertsOptions, GumbelOptions, RestOptions } from "@kdp/plugin-api";
import type { Guard } from "./guard.js";
import { rowsOf } from "./guard.js";

export function checkedDistillation(guard: Guard, raw: DistillationKernels): DistillationKernels {
  const counts = (kernel: string, values: Readonly<Record<string, number>>): void => {
    for (const name in values) guard.count(kernel, name, values[name] as number);
  };
  const experts = (kernel: string, o: ExpertsOptions): void => {
    const { n, experts, inCols, hidden, outCols } = o;
    counts(kernel, { n, experts, inCols, hidden, outCols });
    guard.view(kernel, "input", o.input, n * inCols);
    guard.view(kernel, "z", o.z, n * experts);
    guard.view(kernel, "w1", o.w1, experts * inCols * hidden);
    guard.view(kernel, "b1", o.b1, experts * hidden);
    guard.view(kernel, "w2", o.w2, experts * hidden * outCols);
    guard.view(kernel, "b2", o.b2, experts * outCols);
  };
  const gate = (kernel: string, o: GumbelOptions): void => {
    counts(kernel, { n: o.n, cols: o.cols });
    guard.view(kernel, "logits", o.logits, o.n * o.cols);
    guard.view(kernel, "noise", o.noise, o.n * o.cols);
    if (!(o.tau > 0)) throw new RangeError(`${kernel}: tau is ${o.tau}; it must be above 0.`);
  };
  const rest = (kernel: string, o: RestOptions): void => {
    counts(kernel, { cols: o.cols, items: o.items, n: o.n });
    guard.view(kernel, "user", o.user, 0);
    guard.view(kernel, "item", o.item, o.items * o.cols);
    guard.excluded(kernel, o.userIds, o.n, rowsOf(o.user, o.cols), o.excludeOffsets, o.excludeItems);
  };

  return {
    gramF64(a, aCols, b, bCols, n, out) {
      counts("gramF64", { aCols, bCols, n });
      guard.view("gramF64", "a", a, n * aCols);
      guard.view("gramF64", "b", b, n * bCols);
      guard.view("gramF64", "out", out, aCols * bCols);
      raw.gramF64(a, aCols, b, bCols, n, out);
    },
    sumSquaresF64(x, n) {
      counts("sumSquaresF64", { n });
      guard.view("sumSquaresF64", "x", x, n);
      return raw.sumSquaresF64(x, n);
    },
    cosineBlocks(o) {
      counts("cosineBlocks", { teacherCols: o.teacherCols, studentCols: o.studentCols, blocks: o.blocks });
      guard.view("cosineBlocks", "teacher", o.teacher, 0);
      guard.view("cosineBlocks", "student", o.student, 0);
      const rows = Math.min(rowsOf(o.teacher, o.teacherCols), rowsOf(o.student, o.studentCols));
      guard.offsets("cosineBlocks", "offsets", o.offsets, o.blocks, rows);
      guard.view("cosineBlocks", "dStudent", o.dStudent, (o.offsets[o.blocks] as number) * o.studentCols);
      return raw.cosineBlocks(o);
    },
    cosineCross(o) {
      const { anchors, rows, teacherCols, studentCols } = o;
      counts("cosineCross", { anchors, rows, teacherCols, studentCols });
      guard.view("cosineCross", "teacherAnchors", o.teacherAnchors, anchors * teacherCols);
      guard.view("cosineCross", "teacherRows", o.teacherRows, rows * teacherCols);
      guard.view("cosineCross", "studentAnchors", o.studentAnchors, anchors * studentCols);
      guard.view("cosineCross", "studentRows", o.studentRows, rows * studentCols);
      if (o.skip !== null) guard.listIds("cosineCross", "skip", o.skip, rows, anchors);
      if (o.dAnchors !== null) guard.view("cosineCross", "dAnchors", o.dAnchors, anchors * studentCols);
      guard.view("cosineCross", "dRows", o.dRows, rows * studentCols);
      return raw.cosineCross(o);
    },
    addBias(x, bias, n, cols, activation) {
      counts("addBias", { n, cols });
      guard.view("addBias", "x", x, n * cols);
      guard.view("addBias", "bias", bias, cols);
      raw.addBias(x, bias, n, cols, activation);
    },
    addBiasGrad(y, dy, n, cols, activation, dBias) {
      counts("addBiasGrad", { n, cols });
      guard.view("addBiasGrad", "y", y, n * cols);
      guard.view("addBiasGrad", "dy", dy, n * cols);
      guard.view("addBiasGrad", "dBias", dBias, cols);
      raw.addBiasGrad(y, dy, n, cols, activation, dBias);
    },
    mixExperts(o, out) {
      experts("mixExperts", o);
      guard.view("mixExperts", "out", out, o.n * o.outCols);
      raw.mixExperts(o, out);
    },
    mixExpertsGrad(o, dOut, grads) {
      experts("mixExpertsGrad", o);
      guard.view("mixExpertsGrad", "dOut", dOut, o.n * o.outCols);
      guard.view("mixExpertsGrad", "grads.input", grads.input, o.n * o.inCols);
      guard.view("mixExpertsGrad", "grads.z", grads.z, o.n * o.experts);
      guard.view("mixExpertsGrad", "grads.w1", grads.w1, o.experts * o.inCols * o.hidden);
      guard.view("mixExpertsGrad", "grads.b1", grads.b1, o.experts * o.hidden);
      guard.view("mixExpertsGrad", "grads.w2", grads.w2, o.experts * o.hidden * o.outCols);
      guard.view("mixExpertsGrad", "grads.b2", grads.b2, o.experts * o.outCols);
      raw.mixExpertsGrad(o, dOut, grads);
    },
    softmaxRows(x, n, cols, scale, out) {
      counts("softmaxRows", { n, cols });
      guard.view("softmaxRows", "x", x, n * cols);
      guard.view("softmaxRows", "out", out, n * cols);
      raw.softmaxRows(x, n, cols, scale, out);
    },
    gumbelSoftmax(o, z) {
      gate("gumbelSoftmax", o);
      guard.view("gumbelSoftmax", "z", z, o.n * o.cols);
      raw.gumbelSoftmax(o, z);
    },
    gumbelSoftmaxGrad(o, z, dz, dLogits) {
      gate("gumbelSoftmaxGrad", o);
      guard.view("gumbelSoftmaxGrad", "z", z, o.n * o.cols);
      guard.view("gumbelSoftmaxGrad", "dz", dz, o.n * o.cols);
      guard.view("gumbelSoftmaxGrad", "dLogits", dLogits, o.n * o.cols);
      raw.gumbelSoftmaxGrad(o, z, dz, dLogits);
    },
    multinomialRows(logits, n, cols, offsets, columns, weight, dLogits) {
      counts("multinomialRows", { n, cols });
      guard.view("multinomialRows", "logits", logits, n * cols);
      guard.offsets("multinomialRows", "offsets", offsets, n, columns.length);
      guard.ids("multinomialRows", "columns", columns, offsets[n] as number, cols);
      guard.view("multinomialRows", "dLogits", dLogits, n * cols);
      return raw.multinomialRows(logits, n, cols, offsets, columns, weight, dLogits);
    },
    binaryCrossEntropy(logits, labels, weights, n, weight, dLogits) {
      counts("binaryCrossEntropy", { n });
      guard.view("binaryCrossEntropy", "logits", logits, n);
      guard.view("binaryCrossEntropy", "labels", labels, n);
      if (weights !== null) guard.view("binaryCrossEntropy", "weights", weights, n);
      guard.view("binaryCrossEntropy", "dLogits", dLogits, n);
      return raw.binaryCrossEntropy(logits, labels, weights, n, weight, dLogits);
    },
    logSumExpRest(o, out, gradient) {
      rest("logSumExpRest", o);
      guard.view("logSumExpRest", "out", out, o.n);
      if (gradient !== null) {
        guard.view("logSumExpRest", "dOut", gradient.dOut, o.n);
        guard.view("logSumExpRest", "dUser", gradient.dUser, o.user.length);
        guard.view("logSumExpRest", "dItem", gradient.dItem, o.items * o.cols);
      }
      raw.logSumExpRest(o, out, gradient);
    },
    metricHinge(user, item, cols, u, i, j, n, margin, dUser, dItem, weight = 1) {
      guard.triplets("metricHinge", user, item, cols, u, i, j, n, dUser, dItem);
      return raw.metricHinge(user, item, cols, u, i, j, n, margin, dUser, dItem, weight);
    },
    squaredGaps(x, target, n, weight) {
      counts("squaredGaps", { n });
      guard.view("squaredGaps", "x", x, n);
      guard.view("squaredGaps", "target", target, n);
      return raw.squaredGaps(x, target, n, weight);
    },
    clipRows(table, cols, ids, n, most) {
      counts("clipRows", { cols, n });
      guard.view("clipRows", "table", table, 0);
      guard.ids("clipRows", "ids", ids, n, rowsOf(table, cols));
      raw.clipRows(table, cols, ids, n, most);
    },
  };
}
