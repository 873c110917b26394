import type { PlanNode } from "@kdp/dsl";
import type { ArtefactMeta } from "../store/artefact.js";
import { estimateOf, type MemoryEstimate } from "./estimate.js";
import { type EstimateSource, type NodeInput, NodeMemory, type Output } from "./node-memory.js";

type MetaOf = (node: string) => ArtefactMeta | undefined;

/** Memory that the nodes of a plan will take: as far as it is known before the run, and when a node is about to start. */
export class MemoryForecast {
  /** By node, before anything runs. */
  readonly ofPlan: ReadonlyMap<string, MemoryEstimate>;
  readonly #nodes: ReadonlyMap<string, PlanNode>;
  /** What the result of each node will hold, as far as it is known before anything runs. */
  readonly #outputs = new Map<string, Output>();
  readonly #source: EstimateSource;

  /** @param nodes in topological order */
  constructor(nodes: readonly PlanNode[], source: EstimateSource) {
    this.#source = source;
    this.#nodes = new Map(nodes.map((node) => [node.id, node]));
    const ofPlan = new Map<string, MemoryEstimate>();
    for (const node of nodes) {
      const computed = new NodeMemory(node, this.#inputsOf(node), source);
      this.#outputs.set(node.id, computed.output());
      ofPlan.set(node.id, estimateOf(node, computed, source));
    }
    this.ofPlan = ofPlan;
  }

  /** Of a node whose inputs are there, by what they turned out to hold. */
  atStart(node: PlanNode, meta: MetaOf): MemoryEstimate {
    const source: EstimateSource = { ...this.#source, meta };
    const outputOf = (id: string): Output | undefined => {
      const input = this.#nodes.get(id);
      // Its own inputs as the plan knew them: the width of an ensemble is that of its members.
      return input && new NodeMemory(input, this.#inputsOf(input), source).output();
    };
    return estimateOf(node, new NodeMemory(node, inputsOf(node, outputOf), source), source);
  }

  #inputsOf(node: PlanNode): readonly NodeInput[] {
    return inputsOf(node, (id) => this.#outputs.get(id));
  }
}

const inputsOf = (node: PlanNode, outputOf: (id: string) => Output | undefined): readonly NodeInput[] =>
  node.inputs.flatMap(({ node: id, port }) => {
    const output = outputOf(id);
    return output ? [{ port, output }] : [];
  });
