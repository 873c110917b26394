import type { PlanNode } from "@kdp/dsl";
import type { ArtefactMeta } from "../store/artefact.js";
import { estimateNode, type MemoryEstimate } from "./estimate.js";
import type { EstimateSource, NodeInput, Output } from "./node-memory.js";

type MetaOf = (node: string) => ArtefactMeta | undefined;

/** Memory that the nodes of a plan will take: as far as it is known before the run, and when a node is about to start. */
export class MemoryForecast {
  /** By node, before anything runs. */
  readonly ofPlan: ReadonlyMap<string, MemoryEstimate>;
  readonly #nodes: ReadonlyMap<string, PlanNode>;
  readonly #source: EstimateSource;

  /** @param nodes in topological order */
  constructor(nodes: readonly PlanNode[], source: EstimateSource) {
    this.#source = source;
    this.#nodes = new Map(nodes.map((node) => [node.id, node]));
    const outputs = new Map<string, Output>();
    const ofPlan = new Map<string, MemoryEstimate>();
    for (const node of nodes) {
      const inputs = inputsOf(node, (id) => outputs.get(id));
      const { output, memory } = estimateNode(node, inputs, source);
      outputs.set(node.id, output);
      ofPlan.set(node.id, memory);
    }
    this.ofPlan = ofPlan;
  }

  /** Of a node whose inputs are there, by what they turned out to hold. */
  atStart(node: PlanNode, meta: MetaOf): MemoryEstimate {
    const source: EstimateSource = { ...this.#source, meta };
    const outputOf = (id: string): Output | undefined => {
      const input = this.#nodes.get(id);
      return input && estimateNode(input, [], source).output;
    };
    return estimateNode(node, inputsOf(node, outputOf), source).memory;
  }
}

const inputsOf = (node: PlanNode, outputOf: (id: string) => Output | undefined): readonly NodeInput[] =>
  node.inputs.flatMap(({ node: id, port }) => {
    const output = outputOf(id);
    return output ? [{ port, output }] : [];
  });
