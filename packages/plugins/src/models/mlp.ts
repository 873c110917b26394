import { defineModel, int } from "@kdp/plugin-api";
import { pairModel } from "./shared/pair-model.js";
import { halving } from "./shared/pair-network.js";

/**
 * A multi-layer perceptron over the two rows of a pair (the MLP part of He et al., WWW 2017): halving ReLU layers from
 * [e_u, e_i] to a logit, binary cross-entropy summed over positives and sampled negatives.
 */
export const mlp = defineModel({
  doc: "Multi-layer perceptron on user and item embeddings (He et al., WWW 2017), binary cross-entropy.",
  views: ["ranking", "scores", "embeddings"],
  student: true,
  trained: true,
  width: "dim",
  memory: {
    parameters: [
      ["users", "dim"],
      ["items", "dim"],
    ],
    // Rows of the pairs of a step, units, and the gradients of both.
    bytes: [["batch", "dim", 28]],
  },
  params: {
    dim: int({ default: 64, min: 1, doc: "Width of the embeddings; the first layer is as wide." }),
    layers: int({
      default: 1,
      min: 1,
      max: 6,
      doc: "Hidden layers, each half as wide as the one before.",
      source: "RS_Implicit_Feedback_PyTorch",
    }),
  },
  create: ({ params: { dim, layers }, users, items, kernels }) =>
    pairModel({
      kernels,
      users,
      items,
      shape: { product: 0, tower: dim, hidden: halving(dim, layers) },
      representation: [0, dim],
    }),
});
