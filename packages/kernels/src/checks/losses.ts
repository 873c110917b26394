import type { RawPart } from "../raw-kernels.js";
import { type Guard, rowsOf } from "./guard.js";

type LossKernels = RawPart<"dotLists" | "dotListsGrad" | "bpr" | "plackettLuce">;

export function checkedLosses(guard: Guard, raw: LossKernels): LossKernels {
  const lists = (
    kernel: string,
    left: Float32Array,
    right: Float32Array,
    cols: number,
    leftIds: Int32Array,
    rightIds: Int32Array,
    n: number,
    k: number,
  ): void => {
    guard.count(kernel, "cols", cols);
    guard.count(kernel, "n", n);
    guard.count(kernel, "k", k);
    guard.view(kernel, "left", left, 0);
    guard.view(kernel, "right", right, 0);
    guard.ids(kernel, "leftIds", leftIds, n, rowsOf(left, cols));
    guard.listIds(kernel, "rightIds", rightIds, n * k, rowsOf(right, cols));
  };
  return {
    dotLists(left, right, cols, leftIds, rightIds, n, k, out) {
      lists("dotLists", left, right, cols, leftIds, rightIds, n, k);
      guard.view("dotLists", "out", out, n * k);
      raw.dotLists(left, right, cols, leftIds, rightIds, n, k, out);
    },
    dotListsGrad(left, right, cols, leftIds, rightIds, n, k, dOut, dLeft, dRight) {
      lists("dotListsGrad", left, right, cols, leftIds, rightIds, n, k);
      guard.view("dotListsGrad", "dOut", dOut, n * k);
      guard.view("dotListsGrad", "dLeft", dLeft, left.length);
      guard.view("dotListsGrad", "dRight", dRight, right.length);
      raw.dotListsGrad(left, right, cols, leftIds, rightIds, n, k, dOut, dLeft, dRight);
    },
    bpr(user, item, cols, u, i, j, n, dUser, dItem, weight = 1) {
      guard.triplets("bpr", user, item, cols, u, i, j, n, dUser, dItem);
      return raw.bpr(user, item, cols, u, i, j, n, dUser, dItem, weight);
    },
    plackettLuce(scores, n, k, l, weight, dScores) {
      guard.count("plackettLuce", "n", n);
      guard.count("plackettLuce", "k", k);
      guard.count("plackettLuce", "l", l);
      guard.view("plackettLuce", "scores", scores, n * (k + l));
      guard.view("plackettLuce", "dScores", dScores, n * (k + l));
      return raw.plackettLuce(scores, n, k, l, weight, dScores);
    },
  };
}
