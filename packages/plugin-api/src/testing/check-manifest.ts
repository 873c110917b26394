import type { Plugin } from "../define.js";
import { PLUGIN_API_VERSION, type PluginManifest, type StageManifest } from "../manifest.js";
import { manifestOf } from "../manifest-of.js";
import { unknownSizes } from "../memory.js";
import type { ParamSchema } from "../params.js";
import { check } from "./check.js";

const NAME = /^[a-z][a-z0-9_]*$/;

/** JSON with sorted keys: two manifests are equal when these are. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) =>
    inner !== null && typeof inner === "object" && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}

/** Checks what the compiler and the editor will read of a plugin. */
export function checkManifest(plugin: Plugin): void {
  const manifest = manifestOf(plugin);
  check(
    canonical(JSON.parse(JSON.stringify(manifest))) === canonical(manifest),
    "the manifest does not survive JSON: it holds something that is no data",
  );
  check(
    /^(@[a-z0-9-~][a-z0-9-._~]*\/)?[a-z0-9-~][a-z0-9-._~]*$/.test(manifest.name),
    `"${manifest.name}" is no package name`,
  );
  check(/^\d+\.\d+\.\d+/.test(manifest.version), `"${manifest.version}" is no version`);
  check(manifest.api.length > 0, `no range of the plugin API is named; this is ${PLUGIN_API_VERSION}`);
  check(Object.keys(manifest.stages).length > 0, "the plugin declares no stage");
  for (const [name, { stage }] of Object.entries(manifest.aliases ?? {})) {
    check(stage in manifest.stages, `the alias "${name}" stands for "${stage}", which is no stage`);
    check(!(name in manifest.stages), `"${name}" is both an alias and a stage`);
  }
}

/** Checks one stage: documented, defaults within their own bounds, references to arguments that exist. */
export function checkStage(name: string, stage: StageManifest, manifest: PluginManifest): void {
  check(name.includes("@") || NAME.test(name), `"${name}" is no name of a stage: write it in snake_case`);
  check(stage.doc.trim().length > 0, `${name} has no doc`);
  for (const [param, schema] of Object.entries(stage.params ?? {})) {
    check(NAME.test(param), `${name}: "${param}" is no name of an argument: write it in snake_case`);
    checkParam(`${name}(${param}:)`, schema);
  }
  const exists = (param: string, fact: string) =>
    check(param in stage.params, `${name}: ${fact} names the argument "${param}", which is not declared`);
  if (stage.kind === "loss") {
    const { weight } = stage.params;
    check(weight?.type === "float" || weight?.type === "int", `${name}: a loss must declare a number "weight"`);
    for (const param of stage.rankingLength ?? []) exists(param, "rankingLength");
    if (typeof stage.rankTop === "string") exists(stage.rankTop, "rankTop");
  }
  if (stage.kind === "model" && stage.width !== undefined) exists(stage.width, "width");
  if (stage.kind === "teacher" && stage.positional !== undefined) exists(stage.positional, "positional");
  if (stage.kind === "model" || stage.kind === "loss") {
    const unknown = Object.values(stage.memory ?? {}).flatMap((formula) => unknownSizes(formula, stage.params));
    check(unknown.length === 0, `${name}: memory names ${unknown.join(", ")}, neither a size nor an argument`);
  }
  for (const [alias, { stage: target, preset }] of Object.entries(manifest.aliases ?? {})) {
    if (target === name) for (const param of Object.keys(preset)) exists(param, `the alias "${alias}"`);
  }
}

function checkParam(where: string, schema: ParamSchema): void {
  check(schema.doc.trim().length > 0, `${where} has no doc`);
  const { default: value, type, min, max, exclusiveMin, values } = schema;
  if (type === "enum") check((values ?? []).length > 0, `${where} lists no values`);
  if (value === undefined || value === null) return;
  const kind = { bool: "boolean", int: "number", float: "number", duration: "number", bytes: "number" }[type as string];
  if (type === "list") check(Array.isArray(value), `${where}: the default is no list`);
  else check(typeof value === (kind ?? "string"), `${where}: the default ${value} is no ${type}`);
  if (type === "int") check(Number.isInteger(value), `${where}: the default ${value} is no int`);
  if (values) check(values.includes(value as string), `${where}: the default ${value} is none of ${values.join(", ")}`);
  if (typeof value !== "number") return;
  check(
    min === undefined || (exclusiveMin ? value > min : value >= min),
    `${where}: the default ${value} is below ${min}`,
  );
  check(max === undefined || value <= max, `${where}: the default ${value} is above ${max}`);
}

/** Checks that a manifest that was written is that of the code. @param written parsed JSON */
export function checkManifestIsCurrent(plugin: Plugin, written: unknown): void {
  check(
    canonical(written) === canonical(manifestOf(plugin)),
    "the written manifest is not that of the code: build the plugin again",
  );
}
