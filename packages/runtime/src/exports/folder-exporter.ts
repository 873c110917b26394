import { randomBytes } from "node:crypto";
import { readdirSync, renameSync, rmSync, statSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import type { Cell, PlanExport } from "@kdp/dsl";
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
import { type ExportTask, subjectOf } from "../worker/task.js";
import { SettableGrant } from "../worker/thread-grant.js";
import type { KeyedExport } from "./export-key.js";
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
          const fault = this.#faultOf(error, wanted, request);
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
    // With the modes that any new folder gets: mkdtemp would keep everyone but the owner from serving the model.
    const draft = join(parent, `.draft-${randomBytes(6).toString("hex")}`);
    writing(target, () => makeFolder(nodeStoreFs, draft));
    try {
      const sizes: number[] = [];
      for (const format of wanted.formats) {
        const found = request.exports.find((keyed) => keyed.model.node === id && keyed.format === format);
        if (!found) throw new Error(`export ${wanted.name} of ${id} (${format.name}) has no key`);
        sizes.push(await this.#writeFormat(wanted.name, found, draft, request));
      }
      if (wanted.card) {
        const card = modelCard(wanted, cell, id, request);
        writing(target, () => writeDurably(nodeStoreFs, join(draft, "README.md"), Buffer.from(card)));
      }
      writing(target, () => {
        rmSync(target, { recursive: true, force: true });
        renameSync(draft, target);
      });
      request.options.emit({ type: "export", name: wanted.name, path: target, bytes: sizeOf(target) });
      const path = relative(this.#folder.path, target).replaceAll("\\", "/");
      return wanted.formats.map((format, i) => ({
        name: wanted.name,
        cell,
        node: id,
        format: format.name,
        bytes: sizes[i] ?? 0,
        path,
      }));
    } finally {
      rmSync(draft, { recursive: true, force: true });
    }
  }

  /** Files of a model in a format, copied from the store; made there first when it has none. @returns their bytes */
  async #writeFormat(name: string, wanted: KeyedExport, folder: string, request: ExportRequest): Promise<number> {
    const stored = await this.#store.copyFiles(wanted.key, folder);
    if (stored !== null) return stored;
    await this.#requireModel(wanted.model, name);
    await this.#make({ name, ...wanted }, request);
    const made = await this.#store.copyFiles(wanted.key, folder);
    if (made === null)
      throw new Error(`the files of export ${name} (${wanted.format.name}) are not where they were put`);
    return made;
  }

  async #requireModel({ node, key }: KeyedExport["model"], name: string): Promise<void> {
    if ((await this.#store.verify(key)).status === "hit") return;
    await this.#store.remove(key);
    throw new RuntimeFault({
      code: "KDP8008",
      kind: "run",
      message: `the stored model ${node} is damaged and was not exported`,
      place: `export ${name}`,
      fix: "run the same command again: the model counts as missing and is computed anew",
    });
  }

  async #make(what: Pick<ExportTask, "name" | "key" | "model" | "format">, request: ExportRequest): Promise<void> {
    const task: ExportTask = {
      kdpTask: 1,
      kind: "export",
      kdpFolder: this.#project.kdpFolder,
      plugins: [...request.checked.plugins.values()],
      ...what,
    };
    const log = await this.#logs.open(`export ${what.name} ${what.format.name}`);
    try {
      const outcome = await this.#executor.run(
        task,
        { started: () => {}, event: (event) => log.event(event), output: (line) => log.output(line) },
        { timeoutSeconds: null, memoryBytes: null, threads: new SettableGrant(1), signal: request.options.signal },
      );
      if (outcome.ok) return;
      log.fault(outcome.fault);
      throw new RuntimeFault({ ...outcome.fault, place: `${subjectOf(task).id}, format ${what.format.name}` });
    } finally {
      log.close();
    }
  }

  #faultOf(error: unknown, { name }: PlanExport, { checked }: ExportRequest): FaultData {
    const subject = { id: `export ${name}`, plugin: CORE };
    return faultOf(writeFault(error, subject.id), { subject, plugins: [...checked.plugins.values()], ownFolders: [] });
  }
}

/** What stands in the place of a plugin where the runtime itself is at work. */
const CORE = "kdp";

/** `seed=0,dim=8`; nothing for a cell without axes. What a folder name may not hold becomes `_`. */
function cellFolder(cell: Cell): readonly string[] {
  const axes = Object.entries(cell).map(([axis, value]) => `${axis}=${String(value).replace(/[^\w.+-]/g, "_")}`);
  return axes.length === 0 ? [] : [axes.join(",")];
}

function sizeOf(folder: string): number {
  return readdirSync(folder).reduce((sum, name) => sum + statSync(join(folder, name)).size, 0);
}
