import { defineModel, int, type ModelInstance, type RowWiseForm } from "@kdp/plugin-api";
import { dotModel } from "./shared/dot-model.js";
import { fittedTable, sameWidth } from "./shared/fitted.js";

/** Standard deviation of the initial embeddings. */
const INITIAL_SPREAD = 0.01;

const rowWise: RowWiseForm = {
  tables: { user: "user", item: "item" },
  dot: true,
  scores: ({ tf, user, item }) => tf.sum(tf.mul(user, item), 1),
  baseLoss({ tf, user, positive, negative }) {
    const margin = tf.sum(tf.mul(user, tf.sub(positive, negative)), 1);
    // -log σ(x) as softplus(-x), which no margin under- or overflows.
    return tf.sum(tf.softplus(tf.neg(margin)));
  },
};

/**
 * Matrix factorisation learned by Bayesian personalised ranking (Rendle et al., UAI 2009): score(u, i) = <e_u, e_i>,
 * loss -Σ log σ(score(u, i) - score(u, j)) over (user, positive, negative) triplets.
 */
export const bprmf = defineModel({
  doc: "Matrix factorisation with the BPR loss (Rendle et al., UAI 2009): inner products of user and item embeddings.",
  views: ["ranking", "scores", "embeddings"],
  student: true,
  trained: true,
  width: "dim",
  memory: {
    parameters: [
      ["users", "dim"],
      ["items", "dim"],
    ],
  },
  factors: true,
  params: {
    dim: int({ default: 64, min: 1, doc: "Width of the embeddings." }),
  },
  create({ params, users, items, kernels }): ModelInstance {
    const cols = params.dim;
    return {
      parameters: [
        { name: "user", rows: users, cols, init: { kind: "normal", stddev: INITIAL_SPREAD }, entity: "user" },
        { name: "item", rows: items, cols, init: { kind: "normal", stddev: INITIAL_SPREAD }, entity: "item" },
      ],
      batches: "pairwise",
      rowWise,
      fused: {
        cpu: (parameters) =>
          dotModel({
            kernels,
            user: parameters.user!,
            item: parameters.item!,
            baseLoss: ({ user, item, dUser, dItem }, batch, weight) =>
              kernels.bpr(
                user,
                item,
                cols,
                batch.users,
                batch.positives,
                batch.negatives,
                batch.size,
                dUser,
                dItem,
                weight,
              ),
          }),
      },
      scorer(tables) {
        const [user, item] = [fittedTable(tables, "user"), fittedTable(tables, "item")];
        return { kind: "dot", user: user.values, item: item.values, cols: sameWidth(user, item) };
      },
      embeddings: (tables) => ({ user: fittedTable(tables, "user"), item: fittedTable(tables, "item") }),
    };
  },
});
