import type { Kernels, StudentView, TrainableModel } from "@kdp/plugin-api";
import type { ScorerRanking } from "./scorer-ranking.js";
import { createWorkspace } from "./workspace.js";

/** What samplers may ask of the student between epochs. */
export function studentView(model: TrainableModel, ranking: ScorerRanking, kernels: Kernels): StudentView {
  const workspace = createWorkspace(kernels);
  return {
    topK: (k) => ranking.topK(model.scorer(), k),
    ranks: (list, out) => ranking.ranks(model.scorer(), list, out),
    scores(list, out) {
      const scores = workspace.f32("student scores", list.rows * list.k);
      const ids = workspace.ids("student ids", list.ids.subarray(0, list.rows));
      const others = workspace.ids("student others", list.others.subarray(0, list.rows * list.k));
      model.scores({ ...list, ids, others }, scores);
      out.set(scores);
    },
  };
}
