import "reflect-metadata";
import { type DependencyContainer, Lifecycle, container as rootContainer } from "tsyringe";
import { DeviceChooser } from "./devices/choose-devices.js";
import { RememberedProbes } from "./devices/probe-memory.js";
import { FolderExporter } from "./exports/folder-exporter.js";
import { ManifestBaselines } from "./gates/baseline.js";
import { MemoisedDigests } from "./keys/file-digests.js";
import { FileKeyMemory } from "./keys/key-memory.js";
import { availableMemory } from "./memory/available-memory.js";
import type { Project } from "./project/project.js";
import { dslCompiler } from "./run/compiler.js";
import { Planner } from "./run/plan-run.js";
import type { RunFolder } from "./run/run-folder.js";
import { PipelineRun } from "./run/run-pipeline.js";
import { LocalExecutor } from "./scheduler/local-executor.js";
import { FileNodeLogs } from "./scheduler/node-logs.js";
import { Scheduler } from "./scheduler/scheduler.js";
import { FileComparisonMemory } from "./significance/comparison-memory.js";
import { SignificanceTests } from "./significance/significance-tests.js";
import { runtimeStages } from "./stages/registry.js";
import { FolderStore } from "./store/artefact-store.js";
import { StoreLayout } from "./store/layout.js";
import { Leases } from "./store/leases.js";
import { FileLocks } from "./store/locks.js";
import { CacheMaintenance } from "./store/maintenance.js";
import { SystemProcesses } from "./store/process-identity.js";
import { nodeStoreFs } from "./store/store-fs.js";
import { TOKENS } from "./tokens.js";
import { workerEntry } from "./worker/entry.js";

/** Replaces or adds services; called after the defaults are registered. */
export type Configure = (container: DependencyContainer) => void;

const scoped = { lifecycle: Lifecycle.ContainerScoped } as const;

/** Every service of the runtime under its token. One instance of each for a run, in the child container of the run. */
export function createComposition(configure: Configure = () => {}): DependencyContainer {
  const container = rootContainer.createChildContainer();
  container.register(TOKENS.compiler, { useValue: dslCompiler });
  container.register(TOKENS.storeFs, { useValue: nodeStoreFs });
  container.register(TOKENS.stageModules, { useValue: runtimeStages });
  container.register(TOKENS.workerSettings, { useValue: { entry: workerEntry(), graceMs: 10_000 } });
  container.register(TOKENS.freeMemory, { useValue: () => availableMemory() });
  container.register(TOKENS.processes, { useClass: SystemProcesses }, scoped);
  container.register(TOKENS.store, { useClass: FolderStore }, scoped);
  container.register(TOKENS.locks, { useClass: FileLocks }, scoped);
  container.register(TOKENS.leases, { useClass: Leases }, scoped);
  container.register(TOKENS.maintenance, { useClass: CacheMaintenance }, scoped);
  container.register(TOKENS.fileDigests, { useClass: MemoisedDigests }, scoped);
  container.register(TOKENS.keyMemory, { useClass: FileKeyMemory }, scoped);
  container.register(TOKENS.deviceProbes, { useClass: RememberedProbes }, scoped);
  container.register(TOKENS.deviceChooser, { useClass: DeviceChooser }, scoped);
  container.register(TOKENS.planner, { useClass: Planner }, scoped);
  container.register(TOKENS.nodeLogs, { useClass: FileNodeLogs }, scoped);
  container.register(TOKENS.executor, { useClass: LocalExecutor }, scoped);
  container.register(TOKENS.scheduler, { useClass: Scheduler }, scoped);
  container.register(TOKENS.comparisonMemory, { useClass: FileComparisonMemory }, scoped);
  container.register(TOKENS.significance, { useClass: SignificanceTests }, scoped);
  container.register(TOKENS.baselines, { useClass: ManifestBaselines }, scoped);
  container.register(TOKENS.exporter, { useClass: FolderExporter }, scoped);
  container.register(TOKENS.pipelineRun, { useClass: PipelineRun }, scoped);
  configure(container);
  return container;
}

/** The services of one `.kdp` folder: what `kdp cache` needs. Dispose it at the end. */
export function storeScope(composition: DependencyContainer, kdpFolder: string): DependencyContainer {
  const scope = composition.createChildContainer();
  scope.register(TOKENS.layout, { useValue: new StoreLayout(kdpFolder) });
  return scope;
}

/** The services of one pipeline in its project: store, keys, plans. Dispose it at the end. */
export function projectScope(composition: DependencyContainer, project: Project): DependencyContainer {
  const scope = storeScope(composition, project.kdpFolder);
  scope.register(TOKENS.project, { useValue: project });
  return scope;
}

/** Adds the folder of a run, which its logs, exports and manifest go to. */
export function withRunFolder(scope: DependencyContainer, folder: RunFolder): DependencyContainer {
  scope.register(TOKENS.runFolder, { useValue: folder });
  return scope;
}
