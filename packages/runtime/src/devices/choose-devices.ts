import { didYouMean, type PlanNode } from "@kdp/dsl";
import type { PluginManifest } from "@kdp/plugin-api";
import type { DeviceProbe } from "@kdp/plugin-api/device";
import { inject, injectable } from "tsyringe";
import { RuntimeFault } from "../faults.js";
import { CPU_CLASS } from "../keys/numeric-class.js";
import type { Project } from "../project/project.js";
import { TOKENS } from "../tokens.js";
import { DEVICE_NAMES, findDevice, KNOWN_DEVICES, type KnownDevice } from "./known-devices.js";
import type { DeviceProbes } from "./probe-memory.js";
import { ranksProducts } from "./ranking-nodes.js";

/** The device that a node computes on. Plain data: it goes to the worker with the task. */
export interface ChosenDevice {
  readonly name: string;
  readonly numericClass: string;
  /** What it computes with: `NVIDIA H100 (Vulkan)`. */
  readonly found: string;
  /** Why this one: what was asked for, or what `auto` saw. */
  readonly why: string;
  /** URL of the device's module; null for the CPU, which is always there. */
  readonly entry: string | null;
  /** Whether the node's rankings by inner products run there too, with the CPU's results: devices that were named only. */
  readonly ranks: boolean;
}

/** The devices of a plan. */
export interface DeviceChoice {
  /** What `--device` came to. */
  readonly run: ChosenDevice;
  trains(node: PlanNode): boolean;
  /** Whether something in the node may be ranked on its device. */
  ranks(node: PlanNode): boolean;
  /** Of a node: `@run(device:)` before `--device`; the CPU for what neither trains nor ranks. */
  of(node: PlanNode): ChosenDevice;
}

const cpu = (why: string): ChosenDevice => ({
  name: "cpu",
  numericClass: CPU_CLASS,
  found: "kernels of kdp",
  why,
  entry: null,
  ranks: false,
});

/** What `--device` says, else the environment's `KDP_DEVICE`, else `auto`; with the place that a fault names. */
function wantedDevice(option: string | undefined): { readonly name: string; readonly place: string } {
  if (option !== undefined) return { name: option, place: `--device ${option}` };
  const set = process.env.KDP_DEVICE;
  return set ? { name: set, place: `KDP_DEVICE=${set}` } : { name: "auto", place: "--device auto" };
}

/** Decides, before anything is computed, which device each node of a plan trains or ranks on. */
@injectable()
export class DeviceChooser {
  readonly #project: Project;
  readonly #probes: DeviceProbes;

  constructor(@inject(TOKENS.project) project: Project, @inject(TOKENS.deviceProbes) probes: DeviceProbes) {
    this.#project = project;
    this.#probes = probes;
  }

  /**
   * Asks only the devices that a node may train or rank on.
   * @param option `--device`
   * @throws RuntimeFault KDP5513 when a name is no device, KDP8011 when a device that is named cannot be used
   */
  async choose(
    nodes: readonly PlanNode[],
    option: string | undefined,
    manifests: ReadonlyMap<string, PluginManifest>,
  ): Promise<DeviceChoice> {
    const { name: wanted, place: wantedAt } = wantedDevice(option);
    checkName(wanted, wantedAt);
    for (const node of nodes) if (node.run.device !== undefined) checkName(node.run.device, node.id);
    const training = nodes.map((node) => ({ node, ...trainingOf(node, manifests) })).filter(({ trains }) => trains);
    const resolved = new Map<string, ChosenDevice>([["cpu", cpu("asked for")]]);
    const resolve = async (name: string, place: string): Promise<ChosenDevice> => {
      const known = resolved.get(name);
      if (known) return known;
      const found = name === "auto" ? await this.#best() : await this.#named(name, place);
      resolved.set(name, found);
      return found;
    };
    const chosen = new Map<string, ChosenDevice>();
    for (const { node, cpuOnly } of training) {
      const own = node.run.device;
      if (cpuOnly !== null && own !== undefined && own !== "auto" && own !== "cpu") throw onlyCpu(own, node, cpuOnly);
      chosen.set(
        node.id,
        cpuOnly === null
          ? await resolve(own ?? wanted, own === undefined ? wantedAt : node.id)
          : cpu(`${cpuOnly} computes on the CPU only`),
      );
    }
    const byId = new Map(nodes.map((node) => [node.id, node]));
    for (const node of nodes) {
      const own = node.run.device;
      const name = own ?? wanted;
      if (chosen.has(node.id) || !ranksThere(name) || !ranksProducts(node, byId, manifests)) continue;
      chosen.set(node.id, await resolve(name, own === undefined ? wantedAt : node.id));
    }
    const trains = new Set(training.map(({ node }) => node.id));
    return {
      run: resolved.get(wanted) ?? cpu(whyNoneAsked(training.map(({ cpuOnly }) => cpuOnly))),
      trains: (node) => trains.has(node.id),
      ranks: (node) => chosen.get(node.id)?.ranks ?? false,
      of: (node) => chosen.get(node.id) ?? cpu("it does not train"),
    };
  }

  /** The first device that works on a GPU, else the CPU, with what was seen on the way. */
  async #best(): Promise<ChosenDevice> {
    const seen: string[] = [];
    for (const device of KNOWN_DEVICES) {
      const installed = findDevice(device, this.#project.root);
      if (!installed) continue;
      const probe = await this.#probes.of(device.name, installed, "any");
      if (probe.usable && probe.processor === "gpu") {
        return { ...chosenOf(device, probe, installed.entry, "auto: a GPU that works"), ranks: false };
      }
      seen.push(
        `${device.name} ${probe.usable ? `has no GPU, only ${probe.found}` : `cannot be used: ${probe.reason}`}`,
      );
    }
    return cpu(seen.length === 0 ? "auto: no device package is installed" : `auto: ${seen.join("; ")}`);
  }

  async #named(name: string, place: string): Promise<ChosenDevice> {
    const device = KNOWN_DEVICES.find((known) => known.name === name);
    if (!device) throw new Error(`the device "${name}" was not checked`);
    const installed = findDevice(device, this.#project.root);
    if (!installed) {
      throw unusable(name, place, `its package ${device.package} is not installed`, `npm install ${device.package}`);
    }
    const probe = await this.#probes.of(name, installed, "usable");
    if (probe.usable) return chosenOf(device, probe, installed.entry, "asked for");
    throw unusable(name, place, probe.reason, probe.mend);
  }
}

const chosenOf = (
  { name, ranks }: KnownDevice,
  { numericClass, found }: Extract<DeviceProbe, { usable: true }>,
  entry: string,
  why: string,
): ChosenDevice => ({ name, numericClass, found, why, entry, ranks });

/** `auto` names no device, so that it leaves rankings to the CPU. */
const ranksThere = (name: string): boolean => KNOWN_DEVICES.find((device) => device.name === name)?.ranks ?? false;

/** Whether a node trains by gradient, and what in it, if anything, has only a form for the CPU. */
function trainingOf(node: PlanNode, manifests: ReadonlyMap<string, PluginManifest>) {
  const facts = manifests.get(node.plugin)?.stages[node.stage];
  if (node.kind !== "model" || (facts?.kind === "model" && !facts.trained)) return { trains: false, cpuOnly: null };
  const bound = [
    ...(facts?.kind === "model" && facts.cpuOnly ? [node.stage] : []),
    ...(node.lesson?.losses ?? []).flatMap(({ plugin, stage }) => {
      const loss = manifests.get(plugin)?.stages[stage];
      return loss?.kind === "loss" && loss.cpuOnly ? [stage] : [];
    }),
  ];
  return { trains: true, cpuOnly: bound[0] ?? null };
}

/** Why no node needed what `--device` says; `cpuOnly` of each node that trains. */
function whyNoneAsked(cpuOnly: readonly (string | null)[]): string {
  if (cpuOnly.length === 0) return "nothing in this pipeline is trained";
  const bound = [...new Set(cpuOnly)].filter((what) => what !== null);
  if (bound.length === 0) return "every node names a device";
  if (cpuOnly.includes(null)) return "every node names a device or computes on the CPU only";
  return `${bound.join(", ")} ${bound.length === 1 ? "computes" : "compute"} on the CPU only`;
}

function checkName(name: string, place: string): void {
  if (DEVICE_NAMES.includes(name)) return;
  const near = didYouMean(name, DEVICE_NAMES);
  throw new RuntimeFault({
    code: "KDP5513",
    kind: "user",
    message: `there is no device "${name}"${near === null ? "" : `; did you mean ${near}?`}`,
    place,
    fix: `use one of: ${DEVICE_NAMES.join(", ")}`,
  });
}

const unusable = (name: string, place: string, reason: string, mend: string | null): RuntimeFault =>
  new RuntimeFault({
    code: "KDP8011",
    kind: "run",
    message: `the device "${name}" cannot be used here: ${reason}`,
    place,
    fix: `${mend === null ? "" : `${mend}; or `}take another device (kdp doctor lists them), such as --device cpu`,
  });

const onlyCpu = (device: string, node: PlanNode, what: string): RuntimeFault =>
  new RuntimeFault({
    code: "KDP8011",
    kind: "run",
    message: `${what} computes on the CPU only, not on the device "${device}"`,
    place: node.id,
    fix: "leave device out of @run(…) of this node",
  });
