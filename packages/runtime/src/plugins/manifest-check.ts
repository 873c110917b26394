import type { PluginManifest } from "@kdp/plugin-api";
import { checkStage } from "./stage-check.js";
import { at, type Check, isRecord, nonEmptyString, oneOfKeys, problemIn, recordOf } from "./value-checks.js";

const aliases: Check = recordOf((path, value) => {
  if (!isRecord(value)) return at(path, "an object", value);
  return (
    oneOfKeys(path, value, ["stage", "preset"]) ??
    nonEmptyString(`${path}.stage`, value.stage) ??
    recordOf((inner, preset) =>
      ["string", "number", "boolean"].includes(typeof preset) ? null : at(inner, "a string, number or boolean", preset),
    )(`${path}.preset`, value.preset)
  );
});

/**
 * Checks a manifest as read from a file. Hand-written instead of a JSON Schema library: the rules are few, the messages
 * name the place and what belongs there, and nothing has to be loaded at start-up.
 * @returns what is wrong with it, the path first; or null
 */
export function manifestProblem(value: unknown): string | null {
  if (!isRecord(value)) return at("manifest", "an object", value);
  if (value.kdpManifest !== 1) return at("kdpManifest", "1", value.kdpManifest);
  return (
    oneOfKeys("manifest", value, ["kdpManifest", "name", "version", "api", "stages", "aliases"]) ??
    problemIn(value, { name: nonEmptyString, version: nonEmptyString, api: nonEmptyString }) ??
    recordOf(checkStage)("stages", value.stages) ??
    (value.aliases === undefined ? null : aliases("aliases", value.aliases)) ??
    danglingAlias(value as unknown as PluginManifest)
  );
}

function danglingAlias(manifest: PluginManifest): string | null {
  for (const [name, { stage }] of Object.entries(manifest.aliases ?? {})) {
    if (!(stage in manifest.stages)) return `aliases.${name}.stage: there is no stage "${stage}"`;
    if (name in manifest.stages) return `aliases.${name}: a stage has this name already`;
  }
  return null;
}
