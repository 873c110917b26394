import type { ParamValue, PlanNode } from "@kdp/dsl";
import type { CodeVersions } from "./code-versions.js";

/** Raise it when keys are made in another way: every artefact becomes a miss. */
const KEY_SCHEME = 1;

/** All that decides a node's result, and nothing else. Its canonical JSON is hashed to the key. */
export interface Ingredients {
  readonly scheme: number;
  readonly stage: string;
  readonly plugin: string;
  /** Version of the stage's code. */
  readonly code: string;
  readonly params: Readonly<Record<string, ParamValue>>;
  readonly lesson: {
    readonly baseWeight: number;
    readonly losses: readonly {
      readonly stage: string;
      readonly plugin: string;
      readonly code: string;
      readonly params: Readonly<Record<string, ParamValue>>;
    }[];
  } | null;
  /** By port and position. */
  readonly inputs: Readonly<Record<string, { readonly key: string; readonly output: string | null }>>;
  /** By argument. The ending counts, as it decides how a file is read; name and folder do not. */
  readonly files: Readonly<Record<string, { readonly sha256: string; readonly ending: string }>>;
  /** Versions of the metrics that the arguments name. */
  readonly metrics: Readonly<Record<string, string>>;
  /** Versioned class of the arithmetic; null for stages that only move data. */
  readonly numeric: string | null;
}

export interface NodeFile {
  readonly path: string;
  readonly sha256: string;
}

export interface IngredientContext {
  readonly keyOf: (nodeId: string) => string;
  readonly files: Readonly<Record<string, NodeFile>>;
  readonly code: CodeVersions;
  readonly numeric: string | null;
}

/** Collects what decides a node's result. Labels, spans, origins, cells and `@run` wishes stay out. */
export function ingredientsOf(node: PlanNode, context: IngredientContext): Ingredients {
  const { code, files, keyOf, numeric } = context;
  return {
    scheme: KEY_SCHEME,
    stage: node.stage,
    plugin: node.plugin,
    code: code.ofStage(node.plugin, node.stage),
    // A path is where a file lies, not what it is.
    params: Object.fromEntries(Object.entries(node.params).filter(([name]) => !(name in files))),
    lesson: node.lesson && {
      baseWeight: node.lesson.baseWeight,
      losses: node.lesson.losses.map(({ stage, plugin, params }) => ({
        stage,
        plugin,
        code: code.ofStage(plugin, stage),
        params,
      })),
    },
    inputs: Object.fromEntries(
      node.inputs.map(({ port, index, node: from, output }) => [
        index === null ? port : `${port}[${index}]`,
        { key: keyOf(from), output },
      ]),
    ),
    files: Object.fromEntries(
      Object.entries(files).map(([name, { path, sha256 }]) => [name, { sha256, ending: endingOf(path) }]),
    ),
    metrics: code.ofMetrics(Object.values(node.params)),
    numeric,
  };
}

/** `.tsv.gz` of `a/b.tsv.gz`; empty when the name has no dot. */
function endingOf(path: string): string {
  const name = path.slice(Math.max(path.lastIndexOf("/"), path.lastIndexOf("\\")) + 1);
  return (/\.[a-z0-9]+(\.(gz|gzip))?$/i.exec(name)?.[0] ?? "").toLowerCase();
}
