import type { PlannedNode, PlanResult } from "@kdp/runtime";
import {
  addFormat,
  addOnly,
  addPipelineOptions,
  type PipelineFlags,
  pipelineOptions,
  printJson,
} from "../args/shared-options.js";
import { tellOfBugs } from "../failures/report-failure.js";
import type { Colors } from "../io/host.js";
import { formatBytes, formatSeconds, plural } from "../text/format.js";
import { cell, screenTable } from "../text/table.js";
import { type AddCommand, addExamples } from "./command.js";
import { jsonFindings, printFindings } from "./diagnostics-output.js";
import { openRuntime } from "./open-runtime.js";

interface PlanFlags extends PipelineFlags {
  readonly format: "pretty" | "json";
  readonly device?: string;
}

/** `kdp plan`: what a run would do, and why. */
export const addPlan: AddCommand = (program, context) => {
  const { host, action } = context;
  const command = program
    .command("plan")
    .summary("show what a run would do, and why")
    .description(
      "Shows every node of a pipeline: whether its result is stored already, and if not, which value changed. Runs nothing.",
    )
    .argument("<file>", "the .kdp file")
    .option("--device <name>", "device that would train: auto, cpu, webgpu, tensorflow")
    .action(
      action(async (file: string, flags: PlanFlags) => {
        const { runtime, library } = await openRuntime();
        const device = flags.device === undefined ? {} : { device: flags.device };
        const result = await runtime.plan({ ...pipelineOptions(file, flags, host), library, ...device });
        tellOfBugs(result, context);
        if (result.nodes === null) {
          if (flags.format === "json") printJson(host, await jsonFindings(result, file, host.workingFolder));
          else await printFindings(result, host.stderr, host.workingFolder);
          return result.exitCode;
        }
        await printFindings(result, host.stderr, host.workingFolder);
        if (flags.format === "json") printJson(host, { nodes: result.nodes.map(jsonNode) });
        else host.stdout.write(planText(result.nodes, result.device, host.stdout.colors));
        return result.exitCode;
      }),
    );
  addFormat(addPipelineOptions(addOnly(command)));
  addExamples(command, [
    ["kdp plan pipeline.kdp", "cached or not, and why not"],
    ["kdp plan pipeline.kdp --set dim=32", "what a change would cost"],
    ["kdp plan pipeline.kdp --json", "nodes with their content keys"],
  ]);
};

function jsonNode({ id, name, stage, cell: axes, key, cached, reason, inputs, device, memory }: PlannedNode) {
  return { id, name, stage, cell: axes, key, cached, reason, inputs, device, memory };
}

function planText(nodes: readonly PlannedNode[], device: PlanResult["device"], colors: Colors): string {
  const rows = nodes.map((node) => [
    node.cached ? cell("cached", colors.blue) : cell("run", colors.yellow),
    cell(node.id, colors.bold),
    cell(node.stage),
    cell(node.key.slice(0, 12), colors.dim),
    cell(node.cached ? "" : `~${formatSeconds(node.seconds)}`),
    cell(memoryText(node)),
    cell(reasonText(node), colors.dim),
  ]);
  const columns = ["", "node", "stage", "key", "time", "memory", "why"].map((title) => ({
    title,
    ...(title === "time" || title === "memory" ? { align: "right" as const } : {}),
  }));
  const due = nodes.filter((node) => !node.cached);
  const seconds = due.reduce((sum, node) => sum + node.seconds, 0);
  const cost = due.length === 0 ? "nothing to run" : `${due.length} to run, about ${formatSeconds(seconds)} of work`;
  return `${screenTable(columns, rows, colors.dim).join("\n")}\n\n${plural(nodes.length, "node")}: ${nodes.length - due.length} cached, ${cost}\n${unknownText(due)}${deviceText(nodes, device)}`;
}

/** `~1.2 GB`: the highest resident memory that its process is expected to have; `?` when that cannot be told. */
function memoryText({ cached, memory }: PlannedNode): string {
  if (cached) return "";
  return memory.bytes === null ? "?" : `~${formatBytes(memory.bytes)}`;
}

/** Each reason why the memory of nodes is not known, or known from another run only. */
function unknownText(due: readonly PlannedNode[]): string {
  const reasons = new Map<string, PlannedNode[]>();
  for (const node of due) {
    const { why } = node.memory;
    if (why !== null) reasons.set(why, [...(reasons.get(why) ?? []), node]);
  }
  return [...reasons]
    .map(([why, [first, ...others]]) => {
      const besides = others.length === 0 ? "" : ` and ${plural(others.length, "other")}`;
      const as = first?.memory.basis === "last-run" ? "as in its last run" : "not known";
      return `memory of ${first?.id}${besides}: ${as}; ${why}\n`;
    })
    .join("");
}

/** What trains and ranks in the nodes that are to run; nothing when none of them does. */
function deviceText(nodes: readonly PlannedNode[], device: PlanResult["device"]): string {
  const devices = new Set(nodes.flatMap((node) => (node.cached || node.device === null ? [] : [node.device])));
  if (device === null || devices.size === 0) return "";
  const others = [...devices].filter((name) => name !== device.name);
  const besides = others.length === 0 ? "" : `; by @run or for want of another form: ${others.join(", ")}`;
  return `device ${device.name} (${device.found}; ${device.why})${besides}\n`;
}

/** `temperature: 10 → 5`, or that it is new; nothing for a node that is cached. */
function reasonText({ reason }: PlannedNode): string {
  if (reason === null) return "";
  if (reason.field === "node") return "not computed before";
  const side = (value: unknown): string => (typeof value === "string" ? value : JSON.stringify(value));
  return `${reason.field}: ${side(reason.was)} → ${side(reason.now)}`;
}
