import { float, int, list } from "@kdp/plugin-api";

/** Arguments of the variational autoencoders. */
export const vaeParams = {
  hidden: list(
    { type: "int", min: 1 },
    {
      default: [600, 200],
      doc: "Widths from the input inwards; the last is the latent space, the decoder mirrors them.",
      source: "Mult-VAE",
    },
  ),
  dropout: float({ default: 0.5, min: 0, max: 0.99, doc: "Share of the input that is dropped.", source: "Mult-VAE" }),
  beta: float({ default: 0.2, min: 0, doc: "Weight of the divergence at the end of annealing.", source: "Mult-VAE" }),
  anneal_epochs: int({ default: 50, min: 0, doc: "Epochs in which `beta` rises from 0." }),
  batch: int({ default: 500, min: 1, doc: "Rows (users, or items for item_ae) in a step.", source: "Mult-VAE" }),
  weight_decay: float({ default: 0, min: 0, doc: "L2 penalty on all parameters.", source: "Mult-VAE" }),
} as const;
