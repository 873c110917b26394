import { defineModel } from "@kdp/plugin-api";
import { columnsOf } from "./shared/sparse.js";
import { vaeModel } from "./shared/vae-model.js";
import { vaeParams } from "./shared/vae-params.js";

/** The same autoencoder over the users of each item; its scores are read the other way round. */
export const itemAe = defineModel({
  doc: "A variational autoencoder of each item's users (Mult-VAE with users and items exchanged), as HetComp's item family.",
  views: ["ranking", "scores"],
  student: true,
  trained: true,
  memory: {
    parameters: [["users", "hidden.0", 2], ["users"], ["hidden.0", "hidden.-1", 3]],
    // Scores and their gradients of a step's rows; the interactions of each row.
    bytes: [
      ["users", "batch", 12],
      ["interactions", 8],
    ],
  },
  params: vaeParams,
  create: ({ params, train, kernels, streams }) =>
    vaeModel({
      kernels,
      streams,
      matrix: columnsOf(train),
      side: "item",
      hidden: params.hidden,
      dropout: params.dropout,
      beta: params.beta,
      annealEpochs: params.anneal_epochs,
    }),
});
