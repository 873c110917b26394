import { join } from "node:path";
import { peakMemory } from "../memory/peak-memory.js";
import { type LoadedPlugins, loadedRegistry } from "../plugins/loaded-registry.js";
import { callPlugin } from "../plugins/plugin-call.js";
import type { StageInput } from "../stages/stage.js";
import type { ArtefactStore } from "../store/artefact-store.js";
import { StoreLayout } from "../store/layout.js";
import { SystemProcesses } from "../store/process-identity.js";
import { temporaryName } from "../store/temporary.js";
import { encodeArrow } from "../tables/encode-arrow.js";
import { encodeParquet } from "../tables/encode-parquet.js";
import { readVocabulary } from "../tables/read-input.js";
import { openModel } from "../teachers/fitted-model.js";
import { cpuClock } from "../worker/cpu-clock.js";
import { type ExportTask, subjectOf } from "../worker/task.js";

/**
 * Makes the files of a stored model in one format, as an artefact. Executed in a worker: a format is a plugin's code.
 * @param loaded plugins that this process has already
 */
export async function writeExport(task: ExportTask, store: ArtefactStore, loaded: LoadedPlugins): Promise<void> {
  const started = performance.now();
  const cpuSeconds = cpuClock();
  const { format, name } = task;
  const subject = subjectOf(task);
  const plugins = loadedRegistry(task.plugins, loaded);
  const definition = await plugins.export(format.plugin, format.name);
  const { createKernels } = await import("@kdp/kernels");
  const artefact = await store.open(task.model.key);
  const input: StageInput = { port: "model", index: null, label: null, node: task.model.node, output: null, artefact };
  const { tables, train, scorer: createScorer } = await openModel(input, plugins, await createKernels(), subject.id);
  const scorer = createScorer();
  const { stage, params } = artefact.meta.facts;
  const output = await store.draft(task.key);
  try {
    await callPlugin(subject.id, () =>
      definition.write({
        model: {
          stage: String(stage),
          params: JSON.parse(String(params)),
          scorer: scorer.kind,
          tables:
            scorer.kind === "dot"
              ? {
                  user: { rows: train.users, cols: scorer.cols, values: scorer.user },
                  item: { rows: train.items, cols: scorer.cols, values: scorer.item },
                }
              : tables,
        },
        vocabulary: {
          user: readVocabulary(input, "user", subject.id),
          item: readVocabulary(input, "item", subject.id),
        },
        train,
        arrow: encodeArrow,
        parquet: (columns, metadata = {}) => encodeParquet(columns, metadata, scratchFile(task)),
        write: async (file, bytes) => output.file(file, typeof bytes === "string" ? Buffer.from(bytes) : bytes),
      }),
    );
    await output.publish({
      stage: `export ${format.name}`,
      node: name,
      seconds: (performance.now() - started) / 1000,
      cpuSeconds: cpuSeconds(),
      createdAt: new Date().toISOString(),
      peakRssBytes: peakMemory(),
    });
  } finally {
    output.abandon();
  }
}

/** Where the store keeps what is unfinished, under a name that tells whose it is: swept when this process is gone. */
const scratchFile = ({ kdpFolder, key }: ExportTask): string =>
  join(new StoreLayout(kdpFolder).temporary, temporaryName(key, new SystemProcesses().self));
