/**
 * Names of the runtime's services. Everything is injected by token, so that a second implementation (a store on S3, an
 * executor for a cluster, a file system that fails in a test) replaces the first by registering under the same name.
 */
export const TOKENS = {
  project: Symbol.for("kdp/project"),
  layout: Symbol.for("kdp/layout"),
  runFolder: Symbol.for("kdp/run-folder"),
  compiler: Symbol.for("kdp/compiler"),
  storeFs: Symbol.for("kdp/store-fs"),
  store: Symbol.for("kdp/store"),
  locks: Symbol.for("kdp/locks"),
  maintenance: Symbol.for("kdp/maintenance"),
  leases: Symbol.for("kdp/leases"),
  processes: Symbol.for("kdp/processes"),
  fileDigests: Symbol.for("kdp/file-digests"),
  keyMemory: Symbol.for("kdp/key-memory"),
  deviceProbes: Symbol.for("kdp/device-probes"),
  deviceChooser: Symbol.for("kdp/device-chooser"),
  planner: Symbol.for("kdp/planner"),
  pipelineRun: Symbol.for("kdp/pipeline-run"),
  stageModules: Symbol.for("kdp/stage-modules"),
  executor: Symbol.for("kdp/executor"),
  workerSettings: Symbol.for("kdp/worker-settings"),
  nodeLogs: Symbol.for("kdp/node-logs"),
  scheduler: Symbol.for("kdp/scheduler"),
  significance: Symbol.for("kdp/significance"),
  comparisonMemory: Symbol.for("kdp/comparison-memory"),
  baselines: Symbol.for("kdp/baselines"),
  exporter: Symbol.for("kdp/exporter"),
  freeMemory: Symbol.for("kdp/free-memory"),
} as const;
