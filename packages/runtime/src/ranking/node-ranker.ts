import type { Kernels } from "@kdp/plugin-api";
import type { StageContext } from "../stages/stage.js";
import type { Facts } from "../store/artefact.js";
import { type DeviceRanker, deviceRanker } from "./device-ranker.js";
import { cpuRanker, RANKED_ON, type Ranker } from "./ranker.js";

export interface NodeRanker extends Ranker {
  /** Where the rankings of the node ran; empty when all were the CPU's. */
  facts(): Facts;
}

/** Ranks on the device that was chosen for a node's rankings; it is loaded with the first of them. */
export function nodeRanker({ node, device }: Pick<StageContext, "node" | "device">, kernels: Kernels): NodeRanker {
  const cpu = cpuRanker(kernels);
  if (!device.ranks) return { ...cpu, facts: () => ({}) };
  let there: DeviceRanker | null = null;
  const start = async (): Promise<Ranker> => {
    // Most nodes rank on the CPU and have no use for it.
    const { loadDevice } = await import("../devices/load-device.js");
    const loaded = await loadDevice(device, node.id);
    there ??= loaded && deviceRanker({ kernels, device: loaded, node: node.id });
    return there ?? cpu;
  };
  return {
    topK: async (...args) => (await start()).topK(...args),
    rankCounts: async (...args) => (await start()).rankCounts(...args),
    facts: () =>
      there === null
        ? {}
        : { [RANKED_ON]: device.name, ...(there.again > 0 ? { ranked_again_on_cpu: there.again } : {}) },
  };
}
