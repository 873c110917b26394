import type { Plugin } from "./define.js";
import type { PluginManifest, StageManifest } from "./manifest.js";
import { trainingParams } from "./training.js";

/** Keys of a definition that are code, not facts. */
const CODE = new Set(["create", "combine", "split", "read", "perUser", "overall", "perCluster", "write"]);

function factsOf(kind: StageManifest["kind"], definition: object): StageManifest {
  const facts = Object.fromEntries(Object.entries(definition).filter(([key]) => !CODE.has(key)));
  const own = (facts.params ?? {}) as StageManifest["params"];
  const shared = kind === "model" && facts.trained === true ? trainingParams : {};
  // The model's own schema wins, so that a model may change the default of a shared argument.
  return {
    ...facts,
    kind,
    ...(kind === "metric" && "perCluster" in definition ? { clusters: true } : {}),
    params: { ...own, ...Object.fromEntries(Object.entries(shared).filter(([k]) => !(k in own))) },
  } as StageManifest;
}

/**
 * The static manifest of a plugin: a pure function of its declaration, written at build and read by the compiler.
 * @throws Error when two stages of the plugin share a name.
 */
export function manifestOf(plugin: Plugin): PluginManifest {
  const stages: Record<string, StageManifest> = {};
  const kinds = [
    ["model", plugin.models],
    ["loss", plugin.losses],
    ["ensemble", plugin.ensembles],
    ["split", plugin.splits],
    ["teacher", plugin.teachers],
    ["metric", plugin.metrics],
    ["export", plugin.exports],
  ] as const;
  for (const [kind, definitions] of kinds) {
    for (const [name, definition] of Object.entries(definitions ?? {})) {
      if (name in stages) throw new Error(`plugin ${plugin.name} declares "${name}" twice`);
      stages[name] = factsOf(kind, definition);
    }
  }
  return {
    kdpManifest: 1,
    name: plugin.name,
    version: plugin.version,
    api: plugin.api,
    stages,
    ...(plugin.aliases ? { aliases: plugin.aliases } : {}),
  };
}
