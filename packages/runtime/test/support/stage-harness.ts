import type { LessonSpec, NodeKind, ParamValue, PlanNode } from "@kdp/dsl";
import { createKernels } from "@kdp/kernels";
import type { Kernels, Plugin } from "@kdp/plugin-api";
import { type Table, tableFromIPC, tableToIPC } from "apache-arrow";
import type { NodeEvent } from "../../src/events/events.js";
import type { PluginRegistry } from "../../src/plugins/registry.js";
import type { StageExecutor, StageInput } from "../../src/stages/stage.js";
import type { ArtefactMeta, ArtefactReader, Facts } from "../../src/store/artefact.js";

/** What a stage wrote: read back from the Arrow file format, as the next stage would read it. */
export interface Ran extends ArtefactReader {
  readonly facts: Facts;
  readonly notes: readonly string[];
  readonly events: readonly NodeEvent[];
}

export interface StageCall {
  readonly stage: string;
  readonly kind: NodeKind;
  readonly plugin?: Plugin;
  readonly params?: Readonly<Record<string, ParamValue>>;
  readonly files?: Readonly<Record<string, string>>;
  /** `[port, artefact, output]`; several of one port make a list. */
  readonly inputs?: readonly (readonly [port: string, artefact: Ran, output?: string])[];
  /** What a student is taught. */
  readonly lesson?: LessonSpec;
  /** Further plugins of the run, by name; {@link plugin} is one of them. */
  readonly plugins?: readonly Plugin[];
}

/** Runs the code of a stage in this process, on real tables and kernels, without scheduler and store. */
export async function runStage(execute: StageExecutor, call: StageCall): Promise<Ran> {
  const tables = new Map<string, Table>();
  const notes: string[] = [];
  const events: NodeEvent[] = [];
  let facts: Facts = {};
  let kernels: Promise<Kernels> | null = null;
  const node = nodeOf(call);
  await execute({
    node,
    key: "0".repeat(64),
    inputs: inputsOf(call),
    files: call.files ?? {},
    output: {
      table: (name, table) => void tables.set(name, tableFromIPC(tableToIPC(table, "file"))),
      facts: (more) => {
        facts = { ...facts, ...more };
      },
      note: (text) => void notes.push(text),
    },
    checkpoints: { load: async () => null, save: async () => {} },
    device: { name: "cpu", numericClass: "cpu/1", found: "kernels of kdp", why: "a test", entry: null, ranks: false },
    plugins: registryOf([...(call.plugin ? [call.plugin] : []), ...(call.plugins ?? [])]),
    kernels: () => {
      kernels ??= createKernels();
      return kernels;
    },
    emit: (event) => void events.push(event),
    signal: new AbortController().signal,
  });
  const meta: ArtefactMeta = {
    kdpArtefact: 1,
    key: "0".repeat(64),
    stage: call.stage,
    node: node.id,
    facts,
    notes,
    tables: [...tables].map(([name, table]) => ({
      name,
      file: `${name}.arrow`,
      rows: table.numRows,
      bytes: 0,
      sha256: "",
      schema: [],
    })),
    seconds: 0,
    createdAt: "1970-01-01T00:00:00.000Z",
  };
  return {
    meta,
    folder: "",
    facts,
    notes,
    events,
    has: (name) => tables.has(name),
    table: (name) => {
      const table = tables.get(name);
      if (!table) throw new Error(`the stage wrote no table "${name}", only ${[...tables.keys()].join(", ")}`);
      return table;
    },
  };
}

function inputsOf(call: StageCall): StageInput[] {
  const seen = new Map<string, number>();
  return (call.inputs ?? []).map(([port, artefact, output]) => {
    const index = seen.get(port) ?? 0;
    seen.set(port, index + 1);
    return { port, index, label: null, node: artefact.meta.node, output: output ?? null, artefact };
  });
}

function nodeOf(call: StageCall): PlanNode {
  const defaults = call.plugin ? defaultsOf(call.plugin, call.stage) : {};
  return {
    id: call.stage,
    name: call.stage,
    aliases: [],
    stage: call.stage,
    plugin: call.plugin?.name ?? "kdp",
    kind: call.kind,
    type: { kind: "Dataset" },
    cell: {},
    params: { ...defaults, ...call.params },
    origins: {},
    lesson: call.lesson ?? null,
    inputs: [],
    files: [],
    run: {},
    span: { file: "test.kdp", start: 0, end: 0 },
  };
}

function defaultsOf(plugin: Plugin, stage: string): Record<string, ParamValue> {
  const kinds = [plugin.models, plugin.splits, plugin.ensembles, plugin.teachers, plugin.losses];
  const definition = kinds.map((kind) => kind?.[stage]).find((found) => found !== undefined);
  const params = Object.entries(definition?.params ?? {}).filter(([, schema]) => schema.default !== undefined);
  return Object.fromEntries(params.map(([name, schema]) => [name, schema.default as ParamValue]));
}

function registryOf(plugins: readonly Plugin[]): PluginRegistry {
  const find =
    <T>(kind: (plugin: Plugin) => Readonly<Record<string, T>> | undefined) =>
    async (name: string, stage: string): Promise<T> => {
      const plugin = plugins.find((candidate) => candidate.name === name);
      const found = plugin && kind(plugin)?.[stage];
      if (!found) throw new Error(`no stage "${stage}" of plugin "${name}" in this test`);
      return found;
    };
  return {
    model: find((plugin) => plugin.models),
    loss: find((plugin) => plugin.losses),
    ensemble: find((plugin) => plugin.ensembles),
    split: find((plugin) => plugin.splits),
    teacher: find((plugin) => plugin.teachers),
    metric: find((plugin) => plugin.metrics),
    metricOf: (key) => {
      const [, plugin = "@kdp/plugins", name = ""] = /^(?:(.+)\.)?(\w+?)(?:@\d+)?$/.exec(key) ?? [];
      return find((candidate) => candidate.metrics)(plugin, name);
    },
    export: find((plugin) => plugin.exports),
  };
}
