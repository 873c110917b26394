import { defineModel, int, oneOf } from "@kdp/plugin-api";
import { pairModel } from "./shared/pair-model.js";
import { halving } from "./shared/pair-network.js";

/**
 * Neural matrix factorisation (He et al., WWW 2017): the elementwise product of one pair of embeddings beside a tower over
 * another, read by one linear layer; binary cross-entropy summed over positives and sampled negatives.
 */
export const neumf = defineModel({
  doc: "Neural matrix factorisation (He et al., WWW 2017): matrix factorisation and a perceptron with embeddings of their own.",
  views: ["ranking", "scores", "embeddings"],
  student: true,
  trained: true,
  width: "dim",
  memory: {
    parameters: [
      ["users", "dim", 2],
      ["items", "dim", 2],
      ["dim", "dim", 2],
    ],
    // Rows of the pairs of a step, units, and the gradients of both.
    bytes: [["batch", "dim", 48]],
  },
  params: {
    dim: int({ default: 64, min: 1, doc: "Width of each of the two embeddings of a user or item." }),
    layers: int({
      default: 1,
      min: 1,
      max: 6,
      doc: "Hidden layers of the tower, each half as wide as the one before.",
      source: "RS_Implicit_Feedback_PyTorch",
    }),
    part: oneOf(["mf", "mlp", "concat"], {
      default: "mf",
      doc: "Which embeddings latent losses see: the factorisation's, the tower's, or both.",
      source: "HyperKDMA",
    }),
  },
  create({ params: { dim, layers, part }, users, items, kernels }) {
    const span = { mf: [0, dim], mlp: [dim, 2 * dim], concat: [0, 2 * dim] } as const;
    return pairModel({
      kernels,
      users,
      items,
      shape: { product: dim, tower: dim, hidden: halving(dim, layers) },
      representation: span[part],
    });
  },
});
