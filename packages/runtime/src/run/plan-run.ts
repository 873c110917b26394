import { statSync } from "node:fs";
import type { Cell, Plan, PlanInput, PlanNode } from "@kdp/dsl";
import type { PluginManifest } from "@kdp/plugin-api";
import { inject, injectable } from "tsyringe";
import type { DeviceChoice, DeviceChooser } from "../devices/choose-devices.js";
import { type FaultData, RuntimeFault } from "../faults.js";
import { codeVersions } from "../keys/code-versions.js";
import { contentKeys, type KeyedNode } from "../keys/content-keys.js";
import { explainMiss, type MissReason } from "../keys/explain-miss.js";
import type { FileDigests } from "../keys/file-digests.js";
import type { NodeFile } from "../keys/ingredients.js";
import type { KeyMemory, Memory } from "../keys/key-memory.js";
import type { MemoryEstimate } from "../memory/estimate.js";
import { MemoryForecast } from "../memory/forecast.js";
import { memoryFault } from "../memory/memory-faults.js";
import { resolveNodeFile } from "../project/node-files.js";
import type { Project } from "../project/project.js";
import { estimateSeconds } from "../scheduler/priorities.js";
import type { ArtefactMeta } from "../store/artefact.js";
import type { ArtefactStore } from "../store/artefact-store.js";
import { TOKENS } from "../tokens.js";
import type { CheckedPipeline } from "./check-pipeline.js";
import { faultLocator, type LocateFault } from "./locate-faults.js";
import type { PipelineOptions } from "./options.js";
import { type PartOfPlan, partOfPlan } from "./part-of-plan.js";

/** A node of `kdp plan`. */
export interface PlannedNode {
  readonly id: string;
  readonly name: string;
  readonly stage: string;
  readonly cell: Cell;
  readonly key: string;
  readonly cached: boolean;
  /** Why it must run; null when it is cached. */
  readonly reason: MissReason | null;
  /** Ids of the nodes it reads, without repetition. */
  readonly inputs: readonly string[];
  /** The same with port, position, label and output. */
  readonly edges: readonly PlanInput[];
  /** Estimate from the last run, or by the kind of stage; 0 when cached. */
  readonly seconds: number;
  /** What it trains on, or the device that its rankings are for; null for a node that does neither. */
  readonly device: string | null;
  /** Highest resident memory of its process: as measured when it is cached, else as it is expected. */
  readonly memory: Pick<MemoryEstimate, "bytes" | "basis" | "why">;
}

/** A plan whose keys are known, with what the store holds of it. */
export interface KeyedPlan {
  readonly plan: Plan;
  /** Null for a whole pipeline. */
  readonly part: PartOfPlan | null;
  readonly keyed: readonly KeyedNode[];
  readonly hits: ReadonlyMap<string, ArtefactMeta>;
  readonly nodes: readonly PlannedNode[];
  readonly memory: Memory;
  readonly forecast: MemoryForecast;
  readonly devices: DeviceChoice;
  /** Artefacts that count as missing because they are no longer what was published. */
  readonly warnings: readonly FaultData[];
}

/** Computes the keys of a plan and looks them up. Opens data files, runs nothing. */
@injectable()
export class Planner {
  readonly #project: Project;
  readonly #digests: FileDigests;
  readonly #store: ArtefactStore;
  readonly #memory: KeyMemory;
  readonly #devices: DeviceChooser;

  constructor(
    @inject(TOKENS.project) project: Project,
    @inject(TOKENS.fileDigests) digests: FileDigests,
    @inject(TOKENS.store) store: ArtefactStore,
    @inject(TOKENS.keyMemory) memory: KeyMemory,
    @inject(TOKENS.deviceChooser) devices: DeviceChooser,
  ) {
    this.#project = project;
    this.#digests = digests;
    this.#store = store;
    this.#memory = memory;
    this.#devices = devices;
  }

  /**
   * @returns the plan, or every fault of the user's files, or of nodes that their memory cannot hold
   * @throws RuntimeFault KDP5515 for a name in `only` that the plan does not have; KDP5513, KDP8011 when a device that is
   *   named is not there
   */
  async plan(
    whole: Plan,
    checked: CheckedPipeline,
    options: PipelineOptions,
  ): Promise<KeyedPlan | readonly FaultData[]> {
    const { plan, part } = options.only ? partOfPlan(whole, options.only) : { plan: whole, part: null };
    const faults: FaultData[] = [];
    const files = new Map<string, Readonly<Record<string, NodeFile>>>();
    const locate = faultLocator(checked.sources);
    for (const node of plan.nodes) files.set(node.id, await this.#filesOf(node, options, faults, locate));
    if (faults.length > 0) return faults;
    this.#digests.save();
    const manifests = new Map([...checked.plugins].map(([name, { manifest }]) => [name, manifest]));
    const code = codeVersions(manifests);
    const devices = await this.#devices.choose(plan.nodes, options.device, manifests);
    const keyed = contentKeys(plan.nodes, { files, code, device: (node) => devices.of(node).numericClass });
    const found = await this.#lookUp(plan, keyed, devices, manifests, locate);
    return "plan" in found ? { ...found, part } : found;
  }

  async #lookUp(
    plan: Plan,
    keyed: readonly KeyedNode[],
    devices: DeviceChoice,
    manifests: ReadonlyMap<string, PluginManifest>,
    locate: LocateFault,
  ): Promise<Omit<KeyedPlan, "part"> | readonly FaultData[]> {
    const memory = this.#memory.read(plan.pipeline);
    const hits = new Map<string, ArtefactMeta>();
    const damaged = new Map<string, string>();
    for (const { node, key } of keyed) {
      const found = await this.#store.lookup(key);
      if (found.status === "hit") hits.set(node.id, found.meta);
      if (found.status === "damaged") damaged.set(node.id, found.why);
    }
    const deviceOf = (node: PlanNode) => (devices.trains(node) || devices.ranks(node) ? devices.of(node).name : null);
    const forecast = forecastOf(keyed, { hits, memory, manifests, deviceOf });
    const faults = plan.nodes.flatMap((node) => {
      const estimate = hits.has(node.id) ? undefined : forecast.ofPlan.get(node.id);
      const fault = estimate && memoryFault(node, estimate);
      return fault ? locate(fault, node) : [];
    });
    if (faults.length > 0) return faults;
    const nodes = keyed.map((entry): PlannedNode => {
      const { node, key } = entry;
      const last = memory.nodes[node.id];
      const cached = hits.has(node.id);
      const reason = damaged.has(node.id)
        ? { field: "artefact", was: "stored", now: "damaged" }
        : explainMiss(entry, last);
      return {
        id: node.id,
        name: node.name,
        stage: node.stage,
        cell: node.cell,
        key,
        cached,
        reason: cached ? null : reason,
        inputs: [...new Set(node.inputs.map((input) => input.node))],
        edges: node.inputs,
        seconds: cached ? 0 : estimateSeconds(node, last?.seconds ?? null),
        device: deviceOf(node),
        memory: told(forecast.ofPlan.get(node.id)),
      };
    });
    const warnings = [...damaged].map(([id, why]) => damageWarning(id, why));
    return { plan, keyed, hits, nodes, memory, forecast, warnings, devices };
  }

  async #filesOf(
    node: PlanNode,
    options: PipelineOptions,
    faults: FaultData[],
    locate: LocateFault,
  ): Promise<Readonly<Record<string, NodeFile>>> {
    const files: Record<string, NodeFile> = {};
    for (const ref of node.files) {
      const place = `${node.id}, argument "${ref.param}"`;
      try {
        const path = resolveNodeFile(ref, place, {
          project: this.#project,
          allowOutside: options.allowOutside ?? false,
        });
        files[ref.param] = { path, sha256: await this.#digests.of(path) };
      } catch (error) {
        if (!(error instanceof RuntimeFault)) throw error;
        faults.push(locate({ ...error.data, argument: ref.param }, node));
      }
    }
    return files;
  }
}

interface ForecastFacts {
  readonly hits: ReadonlyMap<string, ArtefactMeta>;
  readonly memory: Memory;
  readonly manifests: ReadonlyMap<string, PluginManifest>;
  deviceOf(node: PlanNode): string | null;
}

function forecastOf(keyed: readonly KeyedNode[], { hits, memory, manifests, deviceOf }: ForecastFacts): MemoryForecast {
  const entries = new Map(keyed.map((entry) => [entry.node.id, entry]));
  return new MemoryForecast(
    keyed.map(({ node }) => node),
    {
      meta: (id) => hits.get(id),
      manifests,
      fileBytes(id, param) {
        const path = entries.get(id)?.files[param]?.path;
        return (path === undefined ? undefined : statSync(path, { throwIfNoEntry: false })?.size) ?? null;
      },
      lastPeak: (id) => memory.nodes[id]?.peakBytes ?? null,
      device(id) {
        const node = entries.get(id)?.node;
        return node ? deviceOf(node) : null;
      },
    },
  );
}

const told = (estimate: MemoryEstimate | undefined): PlannedNode["memory"] => ({
  bytes: estimate?.bytes ?? null,
  basis: estimate?.basis ?? "unknown",
  why: estimate?.why ?? null,
});

/** A stored result that cannot be used counts as missing; the run says so and goes on. */
export function damageWarning(node: string, why: string): FaultData {
  return {
    code: "KDP8008",
    kind: "run",
    message: `the stored result of "${node}" is damaged and is computed again: ${why}`,
    place: node,
  };
}
