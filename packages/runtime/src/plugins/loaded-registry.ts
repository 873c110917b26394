import { manifestOf, type Plugin, type PluginManifest, type StageManifest } from "@kdp/plugin-api";
import { RuntimeFault } from "../faults.js";
import { canonicalJson } from "../keys/canonical-json.js";
import { parseMetricKey, pluginOfMetric } from "./metric-key.js";
import type { PluginSource } from "./plugin-source.js";
import type { PluginRegistry } from "./registry.js";

/** Where a plugin keeps the stages of each kind. */
const SHELVES = {
  model: "models",
  loss: "losses",
  ensemble: "ensembles",
  split: "splits",
  teacher: "teachers",
  metric: "metrics",
  export: "exports",
} as const;

type Kind = keyof typeof SHELVES;
type DefinitionOf<K extends Kind> = NonNullable<Plugin[(typeof SHELVES)[K]]>[string];

/** Plugins by name that were loaded and found to be what their manifests say. */
export type LoadedPlugins = Map<string, Promise<Plugin>>;

/**
 * The code of plugins, loaded when a stage of theirs is first asked for. Lives in a worker, never in the main process.
 * @param loading what earlier tasks of the same run loaded in this process
 */
export function loadedRegistry(sources: readonly PluginSource[], loading: LoadedPlugins = new Map()): PluginRegistry {
  const byName = new Map(sources.map((source) => [source.manifest.name, source]));
  const load = (name: string): Promise<Plugin> => {
    const source = byName.get(name);
    if (!source) throw new Error(`plugin "${name}" is not among those of this run: ${[...byName.keys()].join(", ")}`);
    const known = loading.get(name) ?? loadPlugin(source);
    loading.set(name, known);
    return known;
  };
  const find =
    <K extends Kind>(kind: K) =>
    async (plugin: string, stage: string): Promise<DefinitionOf<K>> => {
      const loaded = await load(plugin);
      const found = loaded[SHELVES[kind]]?.[stage];
      if (!found) throw differs(loaded, `its code has no ${kind} "${stage}"`);
      return found as DefinitionOf<K>;
    };
  const metric = find("metric");
  return {
    metricOf: (key) => {
      const named = parseMetricKey(key);
      const plugin = pluginOfMetric(
        named,
        sources.map(({ manifest }) => manifest),
      );
      if (!plugin) throw new Error(`no plugin of this run has the metric "${key}"`);
      return metric(plugin.name, named.stage);
    },
    model: find("model"),
    loss: find("loss"),
    ensemble: find("ensemble"),
    split: find("split"),
    teacher: find("teacher"),
    metric,
    export: find("export"),
  };
}

async function loadPlugin({ entry, manifest }: PluginSource): Promise<Plugin> {
  let module: { readonly default?: unknown };
  try {
    module = await import(entry);
  } catch (error) {
    throw new RuntimeFault(
      {
        code: "KDP8016",
        kind: "run",
        message: `the plugin cannot be loaded: ${error instanceof Error ? error.message : error}`,
        place: `${manifest.name} ${manifest.version}`,
        fix: "install it again with its dependencies; if that does not help, tell its authors",
        ...(error instanceof Error && error.stack ? { stack: error.stack } : {}),
      },
      { cause: error },
    );
  }
  const plugin = module.default;
  if (!isPlugin(plugin)) throw differs(manifest, "its default export is not made by definePlugin");
  const difference = firstDifference(manifest, manifestOf(plugin));
  if (difference) throw differs(manifest, difference);
  return plugin;
}

const isPlugin = (value: unknown): value is Plugin =>
  typeof value === "object" && value !== null && "name" in value && "api" in value;

/** The compiler checked the pipeline against the manifest; code that means something else must not run. */
function firstDifference(read: PluginManifest, made: PluginManifest): string | null {
  for (const fact of ["name", "version", "api"] as const) {
    if (read[fact] !== made[fact]) return `${fact} is ${made[fact]} in its code and ${read[fact]} in its manifest`;
  }
  for (const stage of new Set([...Object.keys(read.stages), ...Object.keys(made.stages)])) {
    const [there, here] = [read.stages[stage], made.stages[stage]];
    if (canonicalJson(meaningOf(there)) !== canonicalJson(meaningOf(here))) {
      return `"${stage}" ${!here ? "is only in its manifest" : !there ? "is only in its code" : "differs between manifest and code"}`;
    }
  }
  return null;
}

/**
 * A stage as a file would hold it, without texts for readers: those of the arguments that all models share are plugin-api's, and
 * a better word there must not stop plugins that were built before.
 */
function meaningOf(stage: StageManifest | undefined): unknown {
  if (!stage) return null;
  const params = Object.entries(stage.params).map(([name, { doc: _, source: __, ...schema }]) => [name, schema]);
  return JSON.parse(JSON.stringify({ ...stage, doc: "", params: Object.fromEntries(params) }));
}

function differs(plugin: { readonly name: string; readonly version: string }, why: string): RuntimeFault {
  return new RuntimeFault({
    code: "KDP8017",
    kind: "run",
    message: `the plugin's manifest is not that of its code: ${why}`,
    place: `${plugin.name} ${plugin.version}`,
    fix: "write its manifest again with manifestOf (docs/plugins.md shows the script); if it came from a registry, tell its authors",
  });
}
