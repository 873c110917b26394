import {
  bool,
  type ExportFacts,
  float,
  int,
  type LossFacts,
  list,
  type ModelFacts,
  metric,
  oneOf,
  type ParamSchemas,
  type PluginManifest,
  path,
  type StageManifest,
  string,
  trainingParams,
  type View,
} from "@kdp/plugin-api";

/**
 * A manifest with the names of the standard library and arguments like its own, so that the compiler is tested against data
 * that do not change with the plugins.
 */
const EMBEDDED: readonly View[] = ["ranking", "scores", "embeddings"];
const SCORED: readonly View[] = ["ranking", "scores"];

const model = (views: readonly View[], params: ParamSchemas, facts: Partial<ModelFacts> = {}): ModelFacts => ({
  kind: "model",
  doc: "A model.",
  views,
  student: true,
  trained: true,
  params: { ...params, ...trainingParams },
  ...facts,
});

const closedForm = (params: ParamSchemas): ModelFacts => ({
  kind: "model",
  doc: "A model in closed form.",
  views: SCORED,
  student: false,
  trained: false,
  params,
});

const dim = int({ default: 64, min: 1, doc: "Width of the representations." });
const hidden = list({ type: "int", min: 1 }, { default: [600, 200], doc: "Widths of the encoder's layers." });

const models: Readonly<Record<string, ModelFacts>> = {
  bprmf: model(EMBEDDED, { dim }, { width: "dim", factors: true }),
  cml: model(
    EMBEDDED,
    { dim, margin: float({ default: 1, min: 0, doc: "Margin of the hinge." }) },
    { width: "dim", factors: true },
  ),
  neumf: model(
    EMBEDDED,
    { dim, part: oneOf(["mf", "mlp", "concat"], { default: "mf", doc: "Representation that losses see." }) },
    { width: "dim" },
  ),
  mlp: model(EMBEDDED, { dim }, { width: "dim" }),
  lightgcn: model(
    EMBEDDED,
    { dim, layers: int({ default: 3, min: 0, doc: "Propagation steps." }) },
    { width: "dim", factors: true },
  ),
  cdae: model(SCORED, { dim }, { width: "dim" }),
  multi_vae: model(SCORED, { hidden }),
  item_ae: model(SCORED, { hidden }),
  item_knn: closedForm({ neighbours: int({ default: 100, min: 1, doc: "Neighbours of an item." }) }),
  popularity: closedForm({}),
};

const weight = float({ default: 1e-3, min: 0, doc: "Weight of the loss." });
const temperature = float({ default: 10, doc: "Divides the scores." });

const loss = (needs: readonly View[], params: ParamSchemas, facts: Partial<LossFacts> = {}): LossFacts => ({
  kind: "loss",
  doc: "A loss.",
  needs,
  teachers: "one",
  studentNeeds: needs.includes("embeddings") ? ["embeddings"] : [],
  params: { weight, ...params },
  ...facts,
});

const rrdParams = {
  interesting: int({ default: 40, min: 1, doc: "Items whose order is taught." }),
  uninteresting: int({ default: 40, min: 1, doc: "Items that shall stay below." }),
  pool: int({ default: 500, min: 1, doc: "Items that the interesting ones are drawn from." }),
  temperature,
  sampling: oneOf(["rank-exp", "none"], { default: "rank-exp", doc: "How interesting items are drawn." }),
};

const ranked = { rankingLength: ["interesting"], rankTop: "pool" };

const losses: Readonly<Record<string, LossFacts>> = {
  hint: loss(["embeddings"], {}),
  de: loss(["embeddings"], { experts: int({ default: 30, min: 1, doc: "Experts of each side." }) }),
  phr: loss(["embeddings"], {}),
  ftd: loss(["embeddings"], {}),
  htd: loss(["embeddings"], {
    groups: int({ default: 30, min: 1, doc: "Groups of each side." }),
    gamma: float({ default: 0.5, min: 0, max: 1, doc: "Share of the topology." }),
  }),
  rd: loss(["ranking"], { top: int({ default: 10, min: 1, doc: "Items taught." }) }, { rankTop: "top" }),
  cd: loss(["ranking", "scores"], {}, { rankTop: 500 }),
  rrd: loss(["ranking"], rrdParams, ranked),
  ir_rrd: loss(["ranking"], rrdParams, { ...ranked, itemSide: true }),
  bd: loss(["scores"], {}, { learningTeacher: true }),
  dcd: loss(["ranking"], rrdParams, ranked),
  unkd: loss(["ranking"], {}, { rankTop: 500 }),
  hetcomp: loss(
    ["ranking", "trajectory"],
    {
      top: int({ default: 100, min: 1, doc: "Items of the crowd's ranking." }),
      every: int({ default: 10, min: 1, doc: "Epochs between updates." }),
      alpha: float({ default: 1.05, doc: "Threshold of the curriculum." }),
    },
    { teachers: "many", rankTop: "top" },
  ),
};

const ensemble = (params: ParamSchemas, needs: readonly View[] = ["ranking"]): StageManifest => ({
  kind: "ensemble",
  doc: "An ensemble.",
  needs,
  views: ["ranking"],
  params: { top: int({ default: 100, min: 1, doc: "Length of the crowd's ranking." }), ...params },
});

const seed = int({ default: 0, min: 0, doc: "Names the random stream." });
const ratio = (value: number) => float({ default: value, min: 0, max: 1, doc: "Share of each user's items." });

const splits: Readonly<Record<string, StageManifest>> = {
  leave_one_out: { kind: "split", doc: "One item for valid, one for test.", params: { seed } },
  random_split: {
    kind: "split",
    doc: "Shares of each user's items.",
    params: { train: ratio(0.8), valid: ratio(0.1), test: ratio(0.1), seed },
  },
  time_split: { kind: "split", doc: "By time.", needsTime: true, params: { test: ratio(0.1) } },
  given_split: {
    kind: "split",
    doc: "Ready-made files.",
    source: true,
    params: {
      train: path({ doc: "Train interactions." }),
      valid: path({ default: null, doc: "Valid interactions." }),
      test: path({ doc: "Test interactions." }),
    },
  },
};

const teacher = (views: readonly View[]): StageManifest => ({
  kind: "teacher",
  doc: "A teacher from files.",
  views,
  positional: "path",
  params: { path: path({ doc: "The file." }) },
});

const measure = (cutoff: boolean): StageManifest => ({
  kind: "metric",
  doc: "A metric.",
  cutoff,
  higherIsBetter: true,
  params: {},
});

const format = (needs: readonly View[], facts: Partial<ExportFacts> = {}): StageManifest => ({
  kind: "export",
  doc: "A format.",
  needs,
  params: {},
  ...facts,
});

export const library: PluginManifest = {
  kdpManifest: 1,
  name: "@kdp/plugins",
  version: "1.0.0",
  api: "^1.0.0",
  stages: {
    ...models,
    ...losses,
    borda: ensemble({}),
    mean_score: ensemble({}, ["scores"]),
    rrf: ensemble({ k: int({ default: 60, min: 1, doc: "Smoothing." }) }),
    importance: ensemble({ decay: float({ default: 10, min: 0, exclusiveMin: true, doc: "Decay by rank." }) }),
    ...splits,
    ranking_file: teacher(["ranking"]),
    scores_file: teacher(["ranking", "scores"]),
    embeddings_file: teacher(EMBEDDED),
    hit: measure(true),
    recall: measure(true),
    precision: measure(true),
    ndcg: measure(true),
    mrr: measure(true),
    map: measure(true),
    coverage: measure(false),
    cluster_std: { ...measure(true), clusters: true } as StageManifest,
    arrow: format([]),
    safetensors: format([]),
    tfjs: format([], { factors: true }),
  },
  aliases: {
    listwise: { stage: "rrd", preset: { sampling: "none" } },
    relational: { stage: "htd", preset: {} },
  },
};

/** The plugin of the examples in the language's specification, with a stage of every kind. */
export const topology: PluginManifest = {
  kdpManifest: 1,
  name: "@acme/kdp-topology",
  version: "0.4.3",
  api: "^1.0.0",
  stages: {
    hierarchical: loss(["embeddings"], { groups: int({ default: 30, min: 1, doc: "Groups." }) }),
    sphere: model(EMBEDDED, { dim, note: string({ default: "", doc: "Free text." }) }, { width: "dim" }),
    vote: ensemble({ quiet: bool({ default: false, doc: "No report." }) }),
    niche: measure(true),
    bundle: format([]),
    watcher: model(EMBEDDED, { dim, watch: metric({ default: null, doc: "A metric." }) }),
  },
};
