import { defineModel } from "@kdp/plugin-api";
import { rowsOf } from "./shared/sparse.js";
import { vaeModel } from "./shared/vae-model.js";
import { vaeParams } from "./shared/vae-params.js";

/** Mult-VAE (Liang et al., WWW 2018): a variational autoencoder of each user's items. */
export const multiVae = defineModel({
  doc: "Mult-VAE (Liang et al., WWW 2018): a variational autoencoder of each user's items with multinomial likelihood.",
  views: ["ranking", "scores"],
  student: true,
  trained: true,
  memory: {
    parameters: [["items", "hidden.0", 2], ["items"], ["hidden.0", "hidden.-1", 3]],
    // Scores and their gradients of a step's rows; the interactions of each row.
    bytes: [
      ["items", "batch", 12],
      ["interactions", 8],
    ],
  },
  params: vaeParams,
  create: ({ params, train, kernels, streams }) =>
    vaeModel({
      kernels,
      streams,
      matrix: rowsOf(train),
      side: "user",
      hidden: params.hidden,
      dropout: params.dropout,
      beta: params.beta,
      annealEpochs: params.anneal_epochs,
    }),
});
