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
