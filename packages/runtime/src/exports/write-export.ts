import { existsSync } from "node:fs";
import { join } from "node:path";
import { loadedRegistry } from "../plugins/loaded-registry.js";
import { callPlugin } from "../plugins/plugin-call.js";
import type { StageInput } from "../stages/stage.js";
import type { ArtefactStore } from "../store/artefact-store.js";
import { writing } from "../store/fs-faults.js";
import { nodeStoreFs, writeDurably } from "../store/store-fs.js";
import { encodeArrow } from "../tables/encode-arrow.js";
import { readVocabulary } from "../tables/read-input.js";
import { openModel } from "../teachers/fitted-model.js";
import type { ExportTask } from "../worker/task.js";

/** Runs one export format on a stored model. Executed in a worker: a format is a plugin's code. */
export async function writeExport(task: ExportTask, store: ArtefactStore): Promise<void> {
  const { node, format, folder } = task;
  const plugins = loadedRegistry(task.plugins);
  const definition = await plugins.export(format.plugin, format.name);
  const { createKernels } = await import("@kdp/kernels");
  const input: StageInput = {
    port: "model",
    index: null,
    label: null,
    node: node.id,
    output: null,
    artefact: await store.open(task.key),
  };
  const { tables, train, scorer: createScorer } = await openModel(input, plugins, await createKernels(), node.id);
  const scorer = createScorer();
  await callPlugin(node.id, () =>
    definition.write({
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
      vocabulary: { user: readVocabulary(input, "user", node.id), item: readVocabulary(input, "item", node.id) },
      train,
      arrow: encodeArrow,
      write: async (name, bytes) => {
        const path = join(folder, safeName(name));
        if (existsSync(path)) throw new Error(`the file "${name}" was written twice`);
        writing(path, () => writeDurably(nodeStoreFs, path, typeof bytes === "string" ? Buffer.from(bytes) : bytes));
      },
    }),
  );
}

/** An export may not reach outside its folder. */
function safeName(name: string): string {
  if (/^[\w-][\w.-]*$/.test(name)) return name;
  throw new Error(`"${name}" is not a file name: use letters, digits, ".", "-" and "_"`);
}
