import type { PlanNode } from "@kdp/dsl";
import { optionalNumber, optionalString, requiredNumber, stringList } from "../stages/params.js";
import type { OptimiserSettings } from "./optimiser.js";

/** The shared training arguments of a model node. */
export interface TrainingSettings {
  readonly epochs: number;
  readonly batch: number;
  readonly negatives: number;
  readonly optimiser: OptimiserSettings;
  /** Metric key, or null: the last epoch is kept. */
  readonly earlyStop: string | null;
  /** Metric keys whose best epochs are kept beside the model. */
  readonly keepBest: readonly string[];
  readonly patience: number;
  readonly evalEvery: number;
  readonly validCandidates: number | null;
  readonly snapshots: number;
  readonly seed: number;
}

const OPTIMISERS = ["adam", "lazy_adam", "adagrad", "sgd"] as const;

export function trainingSettings(params: PlanNode["params"]): TrainingSettings {
  const optimizer = OPTIMISERS.find((name) => name === params.optimizer);
  if (!optimizer) throw new Error(`the plan names an unknown optimizer ${JSON.stringify(params.optimizer)}`);
  return {
    epochs: requiredNumber(params, "epochs"),
    batch: requiredNumber(params, "batch"),
    negatives: requiredNumber(params, "negatives"),
    optimiser: {
      optimizer,
      learningRate: requiredNumber(params, "learning_rate"),
      weightDecay: requiredNumber(params, "weight_decay"),
      decoupled: params.decoupled === true,
    },
    earlyStop: optionalString(params, "early_stop"),
    keepBest: stringList(params, "keep_best"),
    patience: requiredNumber(params, "patience"),
    evalEvery: requiredNumber(params, "eval_every"),
    validCandidates: optionalNumber(params, "valid_candidates"),
    snapshots: requiredNumber(params, "snapshots"),
    seed: requiredNumber(params, "seed"),
  };
}
