/**
 * Names of the runtime's services. Everything is injected by token, so that a second implementation (a store on S3, an
 * executor for a cluster, a file system that fails in a test) replaces the first by registering under the same name.
 */
export const TOKENS = {
  project: Symbol.for("kdp/project"),
  layout: Symbol.for("kdp/layout"),
  library: Symbol.for("kdp/library"),
  compiler: Symbol.for("kdp/compiler"),
  pluginResolver: Symbol.for("kdp/plugin-resolver"),
  storeFs: Symbol.for("kdp/store-fs"),
  store: Symbol.for("kdp/store"),
  locks: Symbol.for("kdp/locks"),
  processes: Symbol.for("kdp/processes"),
  checkpoints: Symbol.for("kdp/checkpoints"),
  leases: Symbol.for("kdp/leases"),
  fileDigests: Symbol.for("kdp/file-digests"),
  keyMemory: Symbol.for("kdp/key-memory"),
  planner: Symbol.for("kdp/planner"),
  stageModules: Symbol.for("kdp/stage-modules"),
  executor: Symbol.for("kdp/executor"),
  executorSettings: Symbol.for("kdp/executor-settings"),
  nodeLogs: Symbol.for("kdp/node-logs"),
  scheduler: Symbol.for("kdp/scheduler"),
  exporter: Symbol.for("kdp/exporter"),
  baselines: Symbol.for("kdp/baselines"),
  clock: Symbol.for("kdp/clock"),
} as const;
