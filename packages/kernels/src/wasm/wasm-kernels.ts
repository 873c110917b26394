import { adamFactors } from "../adam-factors.js";
import type { RawKernels } from "../raw-kernels.js";
import { at, type WasmHost } from "./host.js";
import { gemmScratch, plackettLuceScratch, rankingScratch, topKPlan } from "./scratch-sizes.js";
import { wasmDistillation } from "./wasm-distillation.js";
import { wasmSamplers } from "./wasm-samplers.js";

/** Calls of the compiled kernels: every view becomes its address. */
export function wasmKernels(host: WasmHost): RawKernels {
  const { exports, scratch } = host;
  return {
    ...wasmDistillation(host),
    ...wasmSamplers(host),

    firstIdOutside: (ids, n, limit) => exports.firstIdOutside(at(ids), n, limit),
    firstListIdOutside: (ids, n, limit) => exports.firstListIdOutside(at(ids), n, limit),

    gatherRows: (table, cols, ids, n, out) => void exports.gatherRows(at(table), cols, at(ids), n, at(out)),
    scatterAddRows: (table, cols, ids, n, rows, scale) =>
      void exports.scatterAddRows(at(table), cols, at(ids), n, at(rows), scale),
    normalizeRows: (x, cols, n, eps, unit, norms) =>
      void exports.normalizeRows(at(x), cols, n, eps, at(unit), at(norms)),
    normalizeRowsGrad: (unit, norms, dUnit, cols, n, dx) =>
      void exports.normalizeRowsGrad(at(unit), at(norms), at(dUnit), cols, n, at(dx)),

    dotLists: (left, right, cols, leftIds, rightIds, n, k, out) =>
      void exports.dotLists(at(left), at(right), cols, at(leftIds), at(rightIds), n, k, at(out)),
    dotListsGrad: (left, right, cols, leftIds, rightIds, n, k, dOut, dLeft, dRight) =>
      void exports.dotListsGrad(
        at(left),
        at(right),
        cols,
        at(leftIds),
        at(rightIds),
        n,
        k,
        at(dOut),
        at(dLeft),
        at(dRight),
      ),
    bpr: (user, item, cols, u, i, j, n, dUser, dItem, weight = 1) =>
      exports.bpr(at(user), at(item), cols, at(u), at(i), at(j), n, weight, at(dUser), at(dItem)),
    plackettLuce: (scores, n, k, l, weight, dScores) =>
      exports.plackettLuce(at(scores), n, k, l, weight, at(dScores), scratch(plackettLuceScratch(k))),

    gemm({ m, n, k, a, b, c, transA = false, transB = false, lda, ldb, ldc, alpha = 1, beta = 0 }) {
      exports.gemm(
        m,
        n,
        k,
        at(a),
        lda ?? (transA ? m : k),
        Number(transA),
        at(b),
        ldb ?? (transB ? k : n),
        Number(transB),
        at(c),
        ldc ?? n,
        alpha,
        beta,
        scratch(gemmScratch(m, n, k)),
      );
    },
    spmm: (offsets, columns, values, rows, x, cols, out, accumulate) =>
      void exports.spmm(at(offsets), at(columns), at(values), rows, at(x), cols, at(out), Number(accumulate)),

    adam(w, grad, m, v, n, options) {
      const { rate, beta1, alpha1, beta2, alpha2, correction, eps, decay, snap } = adamFactors(options);
      exports.adam(
        at(w),
        at(grad),
        at(m),
        at(v),
        n,
        Number(options.decoupled),
        Number(snap),
        rate,
        beta1,
        alpha1,
        beta2,
        alpha2,
        correction,
        eps,
        decay,
      );
    },
    lazyAdam(w, grad, m, v, cols, rows, n, options) {
      const { rate, beta1, alpha1, beta2, alpha2, correction, eps, decay } = adamFactors(options);
      exports.lazyAdam(
        at(w),
        at(grad),
        at(m),
        at(v),
        cols,
        at(rows),
        n,
        Number(options.decoupled),
        rate,
        beta1,
        alpha1,
        beta2,
        alpha2,
        correction,
        eps,
        decay,
      );
    },
    adagrad: (w, grad, sum, n, { learningRate, eps, weightDecay }) =>
      void exports.adagrad(at(w), at(grad), at(sum), n, learningRate, eps, weightDecay),
    sgd: (w, grad, n, { learningRate, weightDecay }) => void exports.sgd(at(w), at(grad), n, learningRate, weightDecay),

    topK(user, item, cols, items, userIds, n, excludeOffsets, excludeItems, k, outItems, outScores) {
      const plan = topKPlan(n, items, cols, k);
      exports.topK(
        at(user),
        at(item),
        cols,
        items,
        at(userIds),
        n,
        at(excludeOffsets),
        at(excludeItems),
        k,
        at(outItems),
        at(outScores),
        plan.chunk,
        plan.capacity,
        scratch(plan.scratch),
      );
    },
    rankCounts(user, item, cols, items, userIds, targetOffsets, targets, n, excludeOffsets, excludeItems, above, ties) {
      const pairs = (targetOffsets[n] as number) - (targetOffsets[0] as number);
      const temporaries = rankingScratch(n, cols);
      const scores = scratch(temporaries + 4 * pairs) + temporaries;
      exports.rankCounts(
        at(user),
        at(item),
        cols,
        items,
        at(userIds),
        at(targetOffsets),
        at(targets),
        n,
        at(excludeOffsets),
        at(excludeItems),
        at(above),
        at(ties),
        scores,
        scores - temporaries,
      );
    },
  };
}
