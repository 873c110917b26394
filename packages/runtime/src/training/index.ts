/** Training and measuring without a scheduler or a store: for benchmarks and tools that embed the engine. */
export { newIdSink } from "../data/build-dataset.js";
export { buildGivenSplit, type GivenSplit } from "../data/build-given-split.js";
export type { ReadOptions } from "../data/interaction-source.js";
export { readInteractionFile } from "../data/read-interactions.js";
export type { HeldOut } from "../evaluation/held-out.js";
export type { MetricRequest } from "../evaluation/load-metrics.js";
export { type Evaluation, type EvaluationOptions, prepareEvaluation } from "../evaluation/prepare-evaluation.js";
export { peakMemory, resetPeakMemory } from "../memory/peak-memory.js";
export { createStreams, lossFamily } from "../random/streams.js";
export type { Checkpoints } from "../stages/stage.js";
export { toInteractions } from "../tables/interactions.js";
export { loadTensorflow } from "../tensors/load-tensorflow.js";
export type { LessonLoss } from "./bind-losses.js";
export type { Pauses } from "./pauses.js";
export { createScorerRanking, type ScorerRanking } from "./scorer-ranking.js";
export { type Lesson, runTraining, type TrainedModel, type TrainingSession } from "./session.js";
export { type TrainingSettings, trainingSettings } from "./settings.js";
