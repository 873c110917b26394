import { existsSync } from "node:fs";
import { join } from "node:path";
import type { ModelContext } from "@kdp/plugin-api";
import { loadedRegistry } from "../plugins/loaded-registry.js";
import { createStreams } from "../random/streams.js";
import type { StageInput } from "../stages/stage.js";
import type { ArtefactReader } from "../store/artefact.js";
import type { ArtefactStore } from "../store/artefact-store.js";
import { writing } from "../store/fs-faults.js";
import { nodeStoreFs, writeDurably } from "../store/store-fs.js";
import { matrixFromTable } from "../tables/factors.js";
import { readEvents, readVocabulary } from "../tables/read-input.js";
import type { ExportTask } from "../worker/task.js";

/** Runs one export format on a stored model. Executed in a worker: a format is a plugin's code. */
export async function writeExport(task: ExportTask, store: ArtefactStore): Promise<void> {
  const { node, format, folder } = task;
  const plugins = loadedRegistry(task.plugins);
  const definition = await plugins.export(format.plugin, format.name);
  const events = await eventsOf(task, store);
  const tables = tablesOf(await store.open(task.key));
  const model = await plugins.model(node.plugin, node.stage);
  const { createKernels } = await import("@kdp/kernels");
  const train = readEvents(events, node.id);
  const context: ModelContext<never> = {
    params: node.params as never,
    users: train.users,
    items: train.items,
    train,
    streams: createStreams(typeof node.params.seed === "number" ? node.params.seed : 0, node.stage),
    kernels: await createKernels(),
  };
  const scorer = model.create(context).scorer(tables);
  await definition.write({
    model: {
      stage: node.stage,
      params: node.params,
      scorer: scorer.kind,
      tables:
        scorer.kind === "dot"
          ? {
              user: { rows: train.users, cols: scorer.cols, values: scorer.user },
              item: { rows: train.items, cols: scorer.cols, values: scorer.item },
            }
          : tables,
    },
    vocabulary: { user: readVocabulary(events, "user", node.id), item: readVocabulary(events, "item", node.id) },
    write: async (name, bytes) => {
      const path = join(folder, safeName(name));
      if (existsSync(path)) throw new Error(`the file "${name}" was written twice`);
      writing(path, () => writeDurably(nodeStoreFs, path, typeof bytes === "string" ? Buffer.from(bytes) : bytes));
    },
  });
}

async function eventsOf({ node, inputs }: ExportTask, store: ArtefactStore): Promise<StageInput> {
  const events = inputs.find(({ port }) => port === "events");
  if (!events) throw new Error(`node ${node.id} has no input "events": its ids are not known`);
  const { key, ...input } = events;
  return { ...input, artefact: await store.open(key) };
}

/** The tables that the model was fitted to, by the model's own names. */
function tablesOf(artefact: ArtefactReader) {
  return Object.fromEntries(
    artefact.meta.tables
      .filter(({ name }) => name.startsWith("table."))
      .map(({ name }) => [name.slice("table.".length), matrixFromTable(artefact.table(name))]),
  );
}

/** An export may not reach outside its folder. */
function safeName(name: string): string {
  if (/^[\w-][\w.-]*$/.test(name)) return name;
  throw new Error(`"${name}" is not a file name: use letters, digits, ".", "-" and "_"`);
}
