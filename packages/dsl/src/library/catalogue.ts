import type { PluginManifest, StageKind } from "@kdp/plugin-api";
import { CORE_SIGNATURES } from "./core.js";
import { type Signature, signatureOf } from "./signature.js";

/** Stages by name. */
export interface Catalogue {
  find(name: string): Signature | undefined;
  /** All names in the order of the manifests. */
  names(): readonly string[];
  /** Names of one kind of stage. */
  namesOf(kind: StageKind): readonly string[];
}

/** Stages and aliases of some manifests. Where two share a name, the earlier one stands. */
export function createCatalogue(manifests: readonly PluginManifest[], core: readonly Signature[] = []): Catalogue {
  const stages = new Map<string, Signature>();
  const add = (name: string, signature: Signature): void => {
    if (!stages.has(name)) stages.set(name, signature);
  };
  for (const signature of core) add(signature.stage, signature);
  for (const manifest of manifests) {
    for (const [name, facts] of Object.entries(manifest.stages)) add(name, signatureOf(manifest.name, name, facts));
    for (const [alias, target] of Object.entries(manifest.aliases ?? {})) {
      const facts = manifest.stages[target.stage];
      if (!facts) continue;
      const signature = signatureOf(manifest.name, target.stage, facts);
      add(alias, { ...signature, preset: { alias, values: target.preset } });
    }
  }
  return {
    find: (name) => stages.get(name),
    names: () => [...stages.keys()],
    namesOf: (kind) => [...stages].filter(([, s]) => s.kind === kind).map(([name]) => name),
  };
}

/** What a pipeline can use without `use`: core stages and the standard library. */
export const libraryCatalogue = (manifests: readonly PluginManifest[]): Catalogue =>
  createCatalogue(manifests, CORE_SIGNATURES);
