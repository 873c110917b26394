import type { Colors } from "../io/host.js";
import { clip, formatMetric, formatSeconds, plural } from "../text/format.js";
import { type ActiveNode, finished, nodeSecondsLeft, type RunState, runSecondsLeft } from "./run-state.js";

const BAR = 22;
const NAME = 28;

/** The bar of the whole run: `quickstart ━━━━──── 12 of 29 nodes, 5 cached, about 40 s left`. */
export function runLine(state: RunState, now: number, colors: Colors): string {
  const done = finished(state);
  const left = runSecondsLeft(state, now);
  const facts = [
    `${done} of ${plural(state.nodes, "node")}`,
    ...(state.hits > 0 ? [`${state.hits} cached`] : []),
    ...(state.failed > 0 ? [colors.red(`${state.failed} failed`)] : []),
    ...(left === null ? [] : [`about ${leftText(left)}`]),
  ];
  const name = clip(state.pipeline, NAME).padEnd(NAME);
  return `${colors.bold(name)} ${bar(state.nodes === 0 ? 0 : done / state.nodes, colors)} ${facts.join(", ")}`;
}

/** The bar of a node: epochs, loss, validation metric, time left. */
export function nodeLine(entry: ActiveNode, now: number, colors: Colors): string {
  const name = clip(entry.node, NAME - 2).padEnd(NAME - 2);
  if (entry.done === null) {
    return `  ${name} ${colors.dim("·".repeat(BAR))} ${formatSeconds((now - entry.startedAt) / 1000)}`;
  }
  const { part, whole, what } = entry.done;
  const left = nodeSecondsLeft(entry);
  const facts = [
    what === "epoch" ? `epoch ${part}/${whole}` : `${what} ${Math.floor((100 * part) / Math.max(1, whole))} %`,
    ...(entry.loss === null ? [] : [`loss ${formatMetric(entry.loss)}`]),
    ...(entry.valid === null ? [] : [`${entry.valid[0]} ${formatMetric(entry.valid[1])}`]),
    ...(left === null ? [] : [leftText(left)]),
  ];
  return `  ${name} ${bar(whole === 0 ? 0 : part / whole, colors)} ${facts.join(", ")}`;
}

const leftText = (seconds: number): string => (seconds < 1 ? "1 s left" : `${formatSeconds(Math.round(seconds))} left`);

function bar(share: number, colors: Colors): string {
  const full = Math.round(Math.min(1, Math.max(0, share)) * BAR);
  return colors.cyan("━".repeat(full)) + colors.dim("─".repeat(BAR - full));
}
