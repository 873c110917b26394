import { mkdtempSync, readdirSync, renameSync, rmSync, statSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import type { Cell, PlanExport, PlanNode } from "@kdp/dsl";
import { inject, injectable } from "tsyringe";
import { type FaultData, RuntimeFault } from "../faults.js";
import { blockedBy } from "../gates/evaluate-gates.js";
import { faultOf } from "../plugins/blame.js";
import type { Project } from "../project/project.js";
import type { ManifestExport } from "../run/manifest.js";
import type { RunFolder } from "../run/run-folder.js";
import type { Executor } from "../scheduler/executor.js";
import type { NodeLogs } from "../scheduler/node-logs.js";
import type { ArtefactStore } from "../store/artefact-store.js";
import { writeFault, writing } from "../store/fs-faults.js";
import { makeFolder, nodeStoreFs, writeDurably } from "../store/store-fs.js";
import { TOKENS } from "../tokens.js";
import { exportedModel } from "./exported-model.js";
import type { Exporter, ExportRequest, Published } from "./exporter.js";
import { modelCard } from "./model-card.js";

/** Writes exports below the run's folder: `exports/<name>/[axis=value,…]/`, each folder complete or not there. */
@injectable()
export class FolderExporter implements Exporter {
  readonly #executor: Executor;
  readonly #store: ArtefactStore;
  readonly #logs: NodeLogs;
  readonly #folder: RunFolder;
  readonly #project: Project;

  constructor(
    @inject(TOKENS.executor) executor: Executor,
    @inject(TOKENS.store) store: ArtefactStore,
    @inject(TOKENS.nodeLogs) logs: NodeLogs,
    @inject(TOKENS.runFolder) folder: RunFolder,
    @inject(TOKENS.project) project: Project,
  ) {
    this.#executor = executor;
    this.#store = store;
    this.#logs = logs;
    this.#folder = folder;
    this.#project = project;
  }

  async run(request: ExportRequest): Promise<Published> {
    const exports: ManifestExport[] = [];
    const blocked: Published["blocked"][number][] = [];
    const faults: FaultData[] = [];
    for (const wanted of request.keyed.plan.exports) {
      for (const { cell, node } of wanted.instances) {
        const because = this.#obstacle(node, cell, request);
        if (because !== null) {
          blocked.push({ name: wanted.name, cell, because });
          continue;
        }
        try {
          exports.push(...(await this.#write(wanted, cell, node, request)));
        } catch (error) {
          const fault = this.#faultOf(error, wanted, node, request);
          faults.push(fault);
          blocked.push({ name: wanted.name, cell, because: fault.message });
        }
      }
    }
    return { exports, blocked, faults };
  }

  #obstacle(node: string, cell: Cell, { results, gates, options }: ExportRequest): string | null {
    if (options.signal.aborted) return "the run was interrupted";
    const result = results.get(node);
    if (!result?.meta) return `${node} has no result${result?.because ? `: ${result.because} failed` : ""}`;
    return blockedBy(cell, gates);
  }

  async #write(wanted: PlanExport, cell: Cell, id: string, request: ExportRequest): Promise<readonly ManifestExport[]> {
    const target = join(this.#folder.path, "exports", wanted.name, ...cellFolder(cell));
    const parent = dirname(target);
    const draft = writing(target, () => {
      makeFolder(nodeStoreFs, parent);
      return mkdtempSync(join(parent, ".draft-"));
    });
    try {
      const sizes: number[] = [];
      for (const format of wanted.formats) {
        const before = sizeOf(draft);
        await this.#writeFormat(wanted, id, format, draft, request);
        sizes.push(sizeOf(draft) - before);
      }
      if (wanted.card) {
        const card = modelCard(wanted, cell, id, request);
        writing(target, () => writeDurably(nodeStoreFs, join(draft, "README.md"), Buffer.from(card)));
      }
      writing(target, () => {
        rmSync(target, { recursive: true, force: true });
        renameSync(draft, target);
      });
      return wanted.formats.map((format, i) => {
        const entry = { name: wanted.name, cell, node: id, format: format.name, bytes: sizes[i] ?? 0 };
        request.options.emit({ type: "export", name: wanted.name, path: target, bytes: entry.bytes });
        return { ...entry, path: relative(this.#folder.path, target).replaceAll("\\", "/") };
      });
    } finally {
      rmSync(draft, { recursive: true, force: true });
    }
  }

  async #writeFormat(
    wanted: PlanExport,
    id: string,
    format: PlanExport["formats"][number],
    folder: string,
    { keyed, results, checked, options }: ExportRequest,
  ): Promise<void> {
    const model = exportedModel(id, keyed, results);
    const found = await this.#store.verify(model.key);
    if (found.status !== "hit") {
      await this.#store.remove(model.key);
      throw new RuntimeFault({
        code: "KDP8008",
        kind: "run",
        message: `the stored model ${model.node.id} is damaged and was not exported`,
        place: `export ${wanted.name}`,
        fix: "run the same command again: the model counts as missing and is computed anew",
      });
    }
    const log = await this.#logs.open(`export ${wanted.name} ${format.name}`);
    try {
      const outcome = await this.#executor.run(
        {
          kdpTask: 1,
          kind: "export",
          kdpFolder: this.#project.kdpFolder,
          plugins: [...checked.plugins.values()],
          name: wanted.name,
          node: model.node,
          key: model.key,
          inputs: model.inputs,
          format,
          folder,
        },
        { started: () => {}, event: (event) => log.event(event), output: (line) => log.output(line) },
        { timeoutSeconds: null, signal: options.signal },
      );
      if (outcome.ok) return;
      log.fault(outcome.fault);
      throw new RuntimeFault({ ...outcome.fault, place: `export ${wanted.name}, format ${format.name}` });
    } finally {
      log.close();
    }
  }

  #faultOf(error: unknown, wanted: PlanExport, id: string, request: ExportRequest): FaultData {
    const node = request.keyed.plan.nodes.find((candidate) => candidate.id === id) as PlanNode;
    const place = `export ${wanted.name}`;
    return {
      ...faultOf(writeFault(error, place), { node, plugins: [...request.checked.plugins.values()], ownFolders: [] }),
      place,
    };
  }
}

/** `seed=0,dim=8`; nothing for a cell without axes. What a folder name may not hold becomes `_`. */
export function cellFolder(cell: Cell): readonly string[] {
  const axes = Object.entries(cell).map(([axis, value]) => `${axis}=${String(value).replace(/[^\w.+-]/g, "_")}`);
  return axes.length === 0 ? [] : [axes.join(",")];
}

function sizeOf(folder: string): number {
  return readdirSync(folder).reduce((sum, name) => sum + statSync(join(folder, name)).size, 0);
}
