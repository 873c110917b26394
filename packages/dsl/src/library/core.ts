import { CORE_PLUGIN } from "./core-plugin.js";
import type { ArgumentSchemas, Signature } from "./signature.js";

const column = (what: string) =>
  ({ type: "string", or: "int", default: null, doc: `Column of the ${what}: its name, or its index from 0.` }) as const;

const dataset: ArgumentSchemas = {
  source: { type: "path", doc: "TSV, CSV (plain or gzip), Parquet or Arrow IPC file, or `npm:<package>/<file>`." },
  user: column("users"),
  item: column("items"),
  rating: column("ratings"),
  timestamp: column("time stamps"),
  header: { type: "bool", default: null, doc: "Whether the first line names the columns; detected when left out." },
  delimiter: { type: "string", default: null, doc: "Separator of a text file; detected when left out." },
  min_rating: { type: "float", default: null, doc: "Interactions with a lower rating are dropped." },
  min_interactions: { type: "int", min: 1, default: null, doc: "Users with fewer interactions are dropped." },
  min_item_interactions: { type: "int", min: 1, default: null, doc: "Items with fewer interactions are dropped." },
  core: {
    type: "int",
    min: 1,
    default: null,
    doc: "Drops users and items with fewer interactions until nothing changes.",
  },
};

const rank: ArgumentSchemas = {
  top: {
    type: "int",
    min: 1,
    default: 500,
    doc: "Items kept for each user, training items left out.",
    source: "DE-RRD",
  },
  item_top: { type: "int", min: 1, default: null, doc: "Users kept for each item; off unless given." },
};

const distill: ArgumentSchemas = {
  base_weight: {
    type: "float",
    min: 0,
    default: 1,
    doc: "Weight of the student's own loss; 0 learns from the teacher alone.",
    source: "DE-RRD, TD",
  },
};

const evaluate: ArgumentSchemas = {
  metrics: { type: "list", items: { type: "metric" }, doc: "What is measured, with cut-offs." },
  candidates: {
    type: "int",
    min: 1,
    default: null,
    doc: "Ranks each held-out item among this many sampled items; all items when left out.",
  },
  candidate_seed: { type: "int", min: 0, default: 0, doc: "Names the random stream of the sampled candidates." },
  snapshots: { type: "bool", default: false, doc: "Measures every kept snapshot; rows carry its epoch." },
  cluster_count: {
    type: "int",
    min: 2,
    default: 20,
    doc: "With `clusters:`: clusters of users that k-means makes of the rows.",
    source: "DE-RRD, figure 5",
  },
  cluster_seed: { type: "int", min: 0, default: 0, doc: "With `clusters:`: names the random stream of k-means." },
  cluster_min_users: {
    type: "int",
    min: 1,
    default: 30,
    doc: "With `clusters:`: clusters of fewer measured users are merged and left out of the spread.",
  },
};

/** Users by the similarity of their rows: the node that evaluations with `clusters:` share. No call of its own. */
const clusters: ArgumentSchemas = {
  count: { type: "int", min: 2, default: 20, doc: "Clusters." },
  restarts: { type: "int", min: 1, default: 10, doc: "Beginnings that k-means tries; the tightest result is kept." },
  seed: { type: "int", min: 0, default: 0, doc: "Names the random stream of the beginnings." },
};

const artifact: ArgumentSchemas = {
  format: {
    type: "list",
    items: { type: "string" },
    orOne: true,
    default: ["arrow"],
    doc: "Export formats of the library.",
  },
  card: { type: "bool", default: false, doc: "Writes a model card beside the files." },
};

type Draft = Partial<Signature> & Pick<Signature, "stage" | "doc">;

const core = (draft: Draft): Signature => ({
  plugin: CORE_PLUGIN,
  kind: "core",
  facts: null,
  params: {},
  input: null,
  ports: {},
  positional: null,
  dispatch: null,
  preset: null,
  ...draft,
});

/** Stages whose code is the runtime's own. Here is only what a call of them looks like. */
export const CORE_SIGNATURES: readonly Signature[] = [
  core({
    stage: "dataset",
    doc: "Reads interactions from a file. Each call is a universe of users and items of its own.",
    params: dataset,
    positional: { name: "source", takes: "param" },
  }),
  core({
    stage: "rank",
    doc: "The best items of each user by a teacher.",
    params: rank,
    input: { port: "teacher", takes: "Teacher", lesson: false, list: "one" },
  }),
  core({
    stage: "distill",
    doc: "What a student is taught: teachers, losses, and the events it learns from.",
    params: distill,
    input: { port: "teachers", takes: "Teacher", lesson: false, list: "either" },
    ports: { on: { takes: "Events", required: false, doc: "Events the student trains on." } },
    positional: { name: "loss", takes: "losses" },
  }),
  core({
    stage: "evaluate",
    doc: "Measures rankings on held-out events.",
    params: evaluate,
    input: { port: "model", takes: "Teacher", lesson: false, list: "one" },
    ports: {
      on: { takes: "Events", required: true, doc: "The held-out events: `split.valid` or `split.test`." },
      clusters: {
        takes: "Teacher",
        required: false,
        doc: "Whose embeddings of the users form clusters of taste; every metric is then measured in each of them as well.",
      },
    },
  }),
  core({
    stage: "model",
    doc: "A model whose family is an argument: `model(backbone, dim: 6)`.",
    input: { port: "events", takes: "Events", lesson: true, list: "one" },
    dispatch: { kind: "model", argument: "family", default: null },
  }),
  core({
    stage: "ensemble",
    doc: "Squeezes several teachers into one crowd.",
    input: { port: "teachers", takes: "Teacher", lesson: false, list: "many" },
    dispatch: { kind: "ensemble", argument: "method", default: "borda" },
  }),
  core({
    stage: "best_of",
    doc: "The best model over some axes of the matrix, by a metric of the valid events.",
    ports: {
      model: { takes: "Model", required: true, doc: "The model to choose among the cells." },
      by: { takes: "Measure", required: true, doc: "The metric that decides." },
      over: { takes: "Axes", required: true, doc: "The axes that are closed." },
    },
    positional: { name: "model", takes: "port" },
  }),
  core({
    stage: "artifact",
    doc: "Files that a service can load, published when the gates pass.",
    params: artifact,
    input: { port: "model", takes: "Model", lesson: false, list: "one" },
  }),
];

/** A stage that only the compiler calls. */
export const CLUSTERS_SIGNATURE: Signature = core({
  stage: "clusters",
  doc: "Clusters of users with similar tastes, by k-means on a teacher's rows.",
  params: clusters,
  input: { port: "teacher", takes: "Teacher", lesson: false, list: "one" },
});

/** Arguments of `@run(...)`: wishes about the execution, never part of a key. */
export const RUN_SCHEMAS: ArgumentSchemas = {
  gpu: { type: "int", min: 0, default: null, doc: "GPUs of the node." },
  memory: {
    type: "bytes",
    min: 1,
    default: null,
    doc: "Resident memory that the node may use: more is refused or ended.",
  },
  timeout: {
    type: "duration",
    exclusiveMin: true,
    min: 0,
    default: null,
    doc: "Time after which the node is stopped.",
  },
  retries: { type: "int", min: 0, default: null, doc: "Tries after a failure of the machine." },
  device: { type: "string", default: null, doc: "Device that computes the node." },
};
