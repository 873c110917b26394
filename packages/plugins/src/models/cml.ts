import { defineModel, float, int, type ModelInstance, type RowWiseForm, type Scorer, type Tf } from "@kdp/plugin-api";
import type { Tensor2D } from "@tensorflow/tfjs-core";
import { distanceModel, distanceScorer } from "./shared/distance-model.js";
import { fittedTable, sameWidth } from "./shared/fitted.js";

/** Rows divided by max(|x|, 1). */
const insideBall = (tf: Tf, rows: Tensor2D): Tensor2D =>
  tf.div(rows, tf.maximum(tf.sqrt(tf.sum(tf.square(rows), 1, true)), 1));

const rowWise = (margin: number): RowWiseForm => ({
  tables: { user: "user", item: "item" },
  scores: ({ tf, user, item }) => tf.neg(tf.sum(tf.squaredDifference(user, item), 1)),
  baseLoss({ tf, user, positive, negative }) {
    const near = tf.sum(tf.squaredDifference(user, positive), 1);
    const far = tf.sum(tf.squaredDifference(user, negative), 1);
    return tf.sum(tf.relu(tf.add(margin, tf.sub(near, far))));
  },
  constrain: ({ tf, parameters: { user, item } }) => ({ user: insideBall(tf, user!), item: insideBall(tf, item!) }),
});

/**
 * Collaborative metric learning (Hsieh et al., WWW 2017): score(u, i) = -|e_u - e_i|², hinge loss
 * Σ relu(margin + |e_u - e_i|² - |e_u - e_j|²), all rows inside the unit ball.
 */
export const cml = defineModel({
  doc: "Collaborative metric learning (Hsieh et al., WWW 2017): items near a user are preferred; hinge loss, rows inside the unit ball.",
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
    margin: float({
      default: 1,
      min: 0,
      doc: "Squared distance by which a negative should be farther than a positive.",
      source: "RS_Implicit_Feedback_PyTorch",
    }),
  },
  create({ params, users, items, kernels }): ModelInstance {
    const { dim: cols, margin } = params;
    const init = { kind: "normal", stddev: 1 / Math.sqrt(cols) } as const;
    return {
      parameters: [
        { name: "user", rows: users, cols, init, entity: "user" },
        { name: "item", rows: items, cols, init, entity: "item" },
      ],
      batches: "pairwise",
      rowWise: rowWise(margin),
      fused: {
        cpu: ({ user, item }) =>
          distanceModel({
            kernels,
            user: user!,
            item: item!,
            baseLoss: ({ users: u, positives: i, negatives: j, size }, weight) =>
              kernels.metricHinge(
                user!.value,
                item!.value,
                cols,
                u,
                i,
                j,
                size,
                margin,
                user!.grad,
                item!.grad,
                weight,
              ),
          }),
      },
      constrain({ user, item }) {
        kernels.scope(() => {
          const norms = kernels.f32(Math.max(users, items));
          // Dividing by max(|x|, 1) moves only rows outside the ball, onto its surface.
          kernels.normalizeRows(user!.value, cols, users, 1, user!.value, norms);
          kernels.normalizeRows(item!.value, cols, items, 1, item!.value, norms);
        });
      },
      scorer(tables): Scorer {
        const [user, item] = [fittedTable(tables, "user"), fittedTable(tables, "item")];
        sameWidth(user, item);
        return distanceScorer((_, length) => kernels.f32(length), user, item);
      },
      embeddings: (tables) => ({ user: fittedTable(tables, "user"), item: fittedTable(tables, "item") }),
    };
  },
});
