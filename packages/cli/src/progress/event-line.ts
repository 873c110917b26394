import { relative } from "node:path";
import type { NodeEvent, RunEvent } from "@kdp/runtime";
import type { Colors } from "../io/host.js";
import { formatMetric, formatSeconds, plural } from "../text/format.js";

/**
 * An event as one line of a log; null for those that a reader of a log does not need.
 * @param workingFolder files are named from there
 */
export function eventLine(event: RunEvent, colors: Colors, workingFolder: string): string | null {
  switch (event.type) {
    case "run-started":
      return `${colors.bold(event.pipeline)}: ${plural(event.nodes, "node")}, run folder ${event.folder}`;
    case "device":
      return `${colors.dim("device ")} ${event.device} ${colors.dim(`(${event.found}; ${event.why})`)}`;
    case "node-hit":
      return `${colors.blue("cached ")} ${event.node}`;
    case "node-started":
      return `${colors.dim("start  ")} ${event.node}${event.attempt > 1 ? ` (attempt ${event.attempt})` : ""}`;
    case "node-event":
      return nodeLine(event.node, event.event, colors);
    case "node-finished":
      return `${colors.green("done   ")} ${event.node} ${colors.dim(`in ${formatSeconds(event.seconds)}`)}`;
    case "node-waiting":
      return `${colors.yellow("waiting")} ${event.node}: ${event.holder} computes it already`;
    case "node-failed":
      return `${colors.red("failed ")} ${event.node}: ${event.code} ${event.message}${placeText(event, workingFolder, colors)}`;
    case "node-skipped":
      return `${colors.yellow("skipped")} ${event.node}, because of ${event.because}`;
    case "gate":
      return `${gateWord(event.status, colors)} ${event.text}`;
    case "export":
      return `${colors.green("export ")} ${event.name}: ${event.path}`;
    case "run-finished":
      return null;
  }
}

/** ` (ratings.kdp:3:17)`, as editors and terminals make links of it. */
function placeText({ at }: Extract<RunEvent, { type: "node-failed" }>, from: string, colors: Colors): string {
  return at ? colors.dim(` (${relative(from, at.file)}:${at.line}:${at.column})`) : "";
}

function gateWord(status: string, colors: Colors): string {
  if (status === "passed") return colors.green("gate ok");
  return status === "failed" ? colors.red("gate FAILED") : colors.yellow(`gate ${status}`);
}

function nodeLine(node: string, event: NodeEvent, colors: Colors): string | null {
  switch (event.type) {
    case "epoch": {
      // A tenth of the training is often enough for a log: five thousand lines would bury what matters.
      const tenth = (epoch: number): number => Math.floor((10 * epoch) / event.epochs);
      if (event.epoch !== 1 && tenth(event.epoch) === tenth(event.epoch - 1)) return null;
      return `${colors.dim("epoch  ")} ${node} ${event.epoch}/${event.epochs}${epochFigures(event)}`;
    }
    case "resumed":
      return `${colors.cyan("resumed")} ${node} after epoch ${event.epoch}`;
    case "note":
      return `${colors.yellow("note   ")} ${node}: ${event.text}`;
    case "progress":
      return null;
  }
}

/** ` loss 0.4123, recall@50 0.9012`: what an epoch brought. */
function epochFigures(event: Extract<NodeEvent, { type: "epoch" }>): string {
  const losses = Object.values(event.losses);
  const parts = [
    ...(losses.length > 0 ? [`loss ${formatMetric(losses.reduce((sum, loss) => sum + loss, 0))}`] : []),
    ...Object.entries(event.valid).map(([key, value]) => `${key} ${formatMetric(value)}`),
  ];
  return parts.length === 0 ? "" : ` ${parts.join(", ")}`;
}
