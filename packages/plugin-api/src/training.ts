import { bool, float, int, list, metric, oneOf, type ParamsOf } from "./params.js";

/** Arguments shared by every model trained by gradient; `valid:` is an input port, not an argument. */
export const trainingParams = {
  epochs: int({
    default: 100,
    min: 1,
    doc: "Passes over the training interactions (an upper bound with early_stop).",
    source: "TD",
  }),
  batch: int({
    default: 1024,
    min: 1,
    doc: "Positive interactions (or users, for autoencoders) in a step.",
    source: "DE-RRD, TD",
  }),
  learning_rate: float({
    default: 1e-3,
    min: 0,
    exclusiveMin: true,
    doc: "Step size of the optimiser.",
    source: "DE-RRD, TD",
  }),
  weight_decay: float({
    default: 1e-3,
    min: 0,
    doc: "L2 penalty on all parameters, coupled as in Adam of the papers.",
    source: "DE-RRD, TD",
  }),
  decoupled: bool({
    default: false,
    doc: "Apply weight decay to the weights (AdamW) instead of the gradient.",
    source: "DE-RRD, TD",
  }),
  optimizer: oneOf(["adam", "lazy_adam", "adagrad", "sgd"], {
    default: "adam",
    doc: "adam updates every row each step, as the papers do; lazy_adam only the rows of the step.",
    source: "DE-RRD, TD",
  }),
  negatives: int({
    default: 1,
    min: 1,
    doc: "Items drawn per positive, uniformly, never a training item of the user.",
    source: "DE-RRD, TD",
  }),
  early_stop: metric({ default: null, doc: "Metric on valid: that selects the best epoch and stops the training." }),
  keep_best: list(
    { type: "metric" },
    {
      default: [],
      doc: "Metrics on valid: whose best epochs are kept beside the model; evaluate measures each by its own epoch.",
      source: "ours; DE-RRD keeps one for each of H@5, H@10 and H@20",
    },
  ),
  patience: int({
    default: 20,
    min: 1,
    doc: "Evaluations without a better value before training stops.",
    source: "DE-RRD",
  }),
  eval_every: int({ default: 1, min: 1, doc: "Epochs between evaluations on valid:.", source: "DE-RRD" }),
  valid_candidates: int({
    default: null,
    min: 1,
    doc: "Rank each valid item among this many sampled candidates instead of all items.",
  }),
  snapshots: int({
    default: 0,
    min: 0,
    doc: "Keep this many snapshots of the training, evenly spaced; 2 or more add the trajectory view.",
  }),
  seed: int({ default: 0, min: 0, doc: "Names the random streams of initialisation, shuffling and sampling." }),
} as const;

export type TrainingParams = ParamsOf<typeof trainingParams>;
