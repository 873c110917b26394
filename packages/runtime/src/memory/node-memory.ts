import type { PlanNode } from "@kdp/dsl";
import type { PluginManifest, StageManifest } from "@kdp/plugin-api";
import type { ArtefactMeta } from "../store/artefact.js";
import {
  type DataSizes,
  declaredMemory,
  evaluationBytes,
  listedBytes,
  momentsOf,
  numberOf,
  openedBytes,
  PAIR,
  PLACE,
  splitBytes,
  trainedBytes,
  trainingBytes,
} from "./stage-memory.js";
import { storedSizes, tableBytes } from "./stored-sizes.js";

export interface EstimateSource {
  /** The stored result of a node, where there is one. */
  meta(node: string): ArtefactMeta | undefined;
  readonly manifests: ReadonlyMap<string, PluginManifest>;
  /** Bytes of the file that an argument of a node names; null when there is none. */
  fileBytes(node: string, param: string): number | null;
  /** Peak of the last run of a node. */
  lastPeak(node: string): number | null;
  /** What a node trains or ranks on. */
  device(node: string): string | null;
}

/** What a reader of a node's result finds. */
export interface Output {
  readonly sizes: DataSizes | null;
  /** Bytes of a stored interaction. */
  readonly row: number;
  /** Bytes of tables or lists; null when they are not known. */
  readonly held: number | null;
  /** Bytes that whoever scores with it needs beside its tables: a graph, buffers. */
  readonly work: number;
  /** Width of its rows; 0 where it has none or they are not known. */
  readonly width: number;
}

export interface NodeInput {
  readonly port: string;
  readonly output: Output;
}

/** What computing a node takes beside the process itself. */
export interface Peak {
  readonly bytes: number;
  readonly ofFile?: boolean;
  readonly tables?: number;
}

/** Users that are scored at a time. */
const BLOCK_USERS = 64;
const NOT_READ = "the data set has not been read yet";

/** What one node takes; formulas are in `stage-memory.ts`. */
export class NodeMemory {
  readonly #node: PlanNode;
  readonly #inputs: readonly NodeInput[];
  readonly #source: EstimateSource;
  readonly #sizes: DataSizes | null;
  readonly #row: number;

  constructor(node: PlanNode, inputs: readonly NodeInput[], source: EstimateSource) {
    this.#node = node;
    this.#inputs = inputs;
    this.#source = source;
    const stored = storedSizes(source.meta(node.id));
    const known = inputs.find(({ output }) => output.sizes !== null)?.output;
    this.#sizes = stored?.sizes ?? known?.sizes ?? null;
    this.#row = stored?.row ?? Math.max(PAIR, ...inputs.map(({ output }) => output.row));
  }

  /** What whoever reads the result will find. */
  output(): Output {
    return { sizes: this.#sizes, row: this.#row, held: this.#held(), work: this.#work(), width: this.#width() };
  }

  /** Bytes beside the process itself, or why they are not known. */
  peak(): Peak | string {
    const { kind, stage, params } = this.#node;
    const device = this.#source.device(this.#node.id);
    if (device !== null && device !== "cpu")
      return `it computes on the device ${device}, which has a memory of its own`;
    if (stage === "dataset" || this.#facts("split")?.source) return this.#ofFiles(0);
    const sizes = this.#sizes;
    if (!sizes) return NOT_READ;
    const of = (bytes: number): Peak => ({ bytes });
    if (kind === "split") return of(splitBytes(sizes.interactions, this.#row));
    if (kind === "model") return this.#model(sizes);
    if (stage === "best_of") return of(0);
    const held = this.#heldBy("teacher", "teachers", "model", "candidates");
    if (held === null) return "what it reads has no size that is known";
    const opened = openedBytes(sizes, held) + this.#inputs.reduce((sum, { output }) => sum + output.work, 0);
    const top = numberOf(params.top);
    switch (kind === "core" ? stage : kind) {
      case "evaluate":
        return of(opened + evaluationBytes(sizes, this.#row, numberOf(params.candidates)));
      case "rank":
        return of(
          opened +
            4 * sizes.interactions +
            listedBytes(sizes.users, top) +
            listedBytes(sizes.items, numberOf(params.item_top)),
        );
      case "ensemble":
        return of(opened + listedBytes(sizes.users, top));
      case "clusters":
        return of(opened + held);
      default:
        return this.#ofFiles(opened);
    }
  }

  #ofFiles(more: number): Peak {
    const bytes = this.#node.files.reduce((sum, { param, path }) => {
      return sum + (this.#source.fileBytes(this.#node.id, param) ?? 0) * growthOf(path);
    }, more);
    return { bytes, ofFile: true };
  }

  #model(sizes: DataSizes): Peak | string {
    const { params, lesson, plugin, stage, inputs } = this.#node;
    const facts = this.#facts("model");
    const named = this.#named(sizes);
    const own = declaredMemory(facts?.memory, named, params);
    if (!own) return `${stage} of ${plugin} does not declare its memory`;
    if (!facts?.trained) {
      const tables = 4 * own.parameters;
      return { bytes: this.#row * sizes.interactions + openedBytes(sizes, 0) + 3 * tables + own.bytes };
    }
    const teachers = this.#heldBy("teachers", "rankings");
    if (teachers === null) return "its teachers have no size that is known";
    const widths = this.#inputs.flatMap(({ port, output }) => (port === "teachers" ? [output.width] : []));
    const taught = { ...named, width: this.#width(), teachers: widths.length, teacher_width: Math.max(0, ...widths) };
    const losses = (lesson?.losses ?? []).map((loss) => {
      const memory = stageFacts(this.#source, loss.plugin, loss.stage, "loss")?.memory;
      return declaredMemory(memory, taught, loss.params) ?? { parameters: 0, bytes: 0 };
    });
    const sum = (of: (loss: { parameters: number; bytes: number }) => number) =>
      losses.reduce((total, loss) => total + of(loss), 0);
    const helpers = sum(({ parameters }) => parameters);
    return {
      tables: trainedBytes(own.parameters + helpers, momentsOf(params.optimizer)),
      bytes: trainingBytes({
        sizes,
        row: this.#row,
        parameters: own.parameters,
        helpers,
        declared: own.bytes + sum(({ bytes }) => bytes),
        teachers: lesson ? 2 * teachers : 0,
        params,
        validated: inputs.some(({ port }) => port === "valid"),
      }),
    };
  }

  #held(): number | null {
    const { kind, stage, params } = this.#node;
    const meta = this.#source.meta(this.#node.id);
    if (meta) return tableBytes(meta);
    const sizes = this.#sizes;
    if (!sizes) return null;
    if (kind === "model") {
      const own = declaredMemory(this.#facts("model")?.memory, this.#named(sizes), params);
      return own && 4 * own.parameters;
    }
    if (stage === "rank") {
      return PLACE * (sizes.users * numberOf(params.top) + sizes.items * numberOf(params.item_top));
    }
    if (kind === "ensemble") return this.#heldBy("teachers");
    if (stage === "best_of") return this.#heldBy("candidates");
    if (kind === "teacher") return this.#ofFiles(0).bytes;
    return 0;
  }

  /** What scoring takes is about what the model declares for its training, in blocks of users instead of batches. */
  #work(): number {
    if (!this.#sizes) return 0;
    const memory = this.#facts("model")?.memory;
    return declaredMemory(memory, { ...this.#sizes, batch: BLOCK_USERS }, this.#node.params)?.bytes ?? 0;
  }

  #named(sizes: DataSizes) {
    return { ...sizes, batch: Math.min(numberOf(this.#node.params.batch), sizes.interactions) };
  }

  /** Sum over inputs; null when one of them is not known. */
  #heldBy(...ports: readonly string[]): number | null {
    let sum = 0;
    for (const { port, output } of this.#inputs) {
      if (!ports.includes(port)) continue;
      if (output.held === null) return null;
      sum += output.held;
    }
    return sum;
  }

  #width(): number {
    const name = this.#facts("model")?.width;
    if (name !== undefined) return numberOf(this.#node.params[name]);
    return Math.max(0, ...this.#inputs.map(({ output }) => output.width));
  }

  #facts<K extends StageManifest["kind"]>(kind: K) {
    return stageFacts(this.#source, this.#node.plugin, this.#node.stage, kind);
  }
}

function stageFacts<K extends StageManifest["kind"]>(
  { manifests }: EstimateSource,
  plugin: string,
  stage: string,
  kind: K,
): Extract<StageManifest, { readonly kind: K }> | undefined {
  const facts = manifests.get(plugin)?.stages[stage];
  return facts?.kind === kind ? (facts as Extract<StageManifest, { readonly kind: K }>) : undefined;
}

/**
 * Bytes in memory for a byte of a file that was never read. A row of text has about 25 bytes and takes 40 with a time stamp;
 * gzip makes it three times as small, Parquet twice. An Arrow file is read whole, and then copied.
 */
function growthOf(path: string): number {
  if (/\.(gz|parquet)$/i.test(path)) return 5;
  return /\.(arrow|feather|ipc)$/i.test(path) ? 3 : 1.6;
}
