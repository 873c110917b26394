import type { NodeEvent, RunEvent } from "@kdp/runtime";

export interface ActiveNode {
  readonly node: string;
  readonly startedAt: number;
  readonly attempt: number;
  /** Epochs or other units; null until the node tells. */
  readonly done: { readonly part: number; readonly whole: number; readonly what: string } | null;
  readonly loss: number | null;
  /** The last validation metric by key. */
  readonly valid: readonly [key: string, value: number] | null;
  /** Seconds of the last epochs, for an estimate; the first after a resume counts like any other. */
  readonly pace: number | null;
}

/** Where a run stands, worked out from its events alone. */
export interface RunState {
  readonly pipeline: string;
  readonly nodes: number;
  readonly startedAt: number;
  readonly hits: number;
  readonly ran: number;
  readonly failed: number;
  readonly skipped: number;
  readonly active: readonly ActiveNode[];
}

export const initialState: RunState = {
  pipeline: "",
  nodes: 0,
  startedAt: 0,
  hits: 0,
  ran: 0,
  failed: 0,
  skipped: 0,
  active: [],
};

/** The state after an event. @param now milliseconds of a clock that never goes back */
export function advance(state: RunState, event: RunEvent, now: number): RunState {
  switch (event.type) {
    case "run-started":
      return { ...initialState, pipeline: event.pipeline, nodes: event.nodes, startedAt: now };
    case "node-hit":
      return { ...state, hits: state.hits + 1 };
    case "node-started": {
      const fresh: ActiveNode = {
        node: event.node,
        startedAt: now,
        attempt: event.attempt,
        done: null,
        loss: null,
        valid: null,
        pace: null,
      };
      return { ...state, active: [...without(state, event.node), fresh] };
    }
    case "node-event":
      return {
        ...state,
        active: state.active.map((entry) => (entry.node === event.node ? progressed(entry, event.event) : entry)),
      };
    case "node-finished":
      return { ...state, ran: state.ran + 1, active: without(state, event.node) };
    case "node-failed":
      return { ...state, failed: state.failed + 1, active: without(state, event.node) };
    case "node-skipped":
      return { ...state, skipped: state.skipped + 1, active: without(state, event.node) };
    default:
      return state;
  }
}

const without = (state: RunState, node: string): readonly ActiveNode[] =>
  state.active.filter((entry) => entry.node !== node);

function progressed(entry: ActiveNode, event: NodeEvent): ActiveNode {
  if (event.type === "progress") {
    return { ...entry, done: { part: event.done, whole: event.total, what: event.what } };
  }
  if (event.type === "resumed") return { ...entry, done: entry.done && { ...entry.done, part: event.epoch } };
  if (event.type !== "epoch") return entry;
  const losses = Object.values(event.losses);
  const pace = entry.pace === null ? event.seconds : 0.7 * entry.pace + 0.3 * event.seconds;
  return {
    ...entry,
    done: { part: event.epoch, whole: event.epochs, what: "epoch" },
    loss: losses.length === 0 ? entry.loss : losses.reduce((sum, loss) => sum + loss, 0),
    valid: Object.entries(event.valid)[0] ?? entry.valid,
    pace,
  };
}

export const finished = (state: RunState): number => state.hits + state.ran + state.failed + state.skipped;

/** Seconds that a node still needs if its epochs go on as before (early stopping may end it sooner); null if unknown. */
export function nodeSecondsLeft(entry: ActiveNode): number | null {
  if (entry.done?.what !== "epoch" || entry.pace === null) return null;
  return Math.max(0, entry.done.whole - entry.done.part) * entry.pace;
}

/**
 * Seconds until the end: the time spent on each of the nodes that ran, for all that remain. Counts active nodes by the
 * part that they have done. Null until there is something to go by,
 * and when nothing is left.
 */
export function runSecondsLeft(state: RunState, now: number): number | null {
  const parts = state.active.reduce((sum, entry) => sum + shareDone(entry), 0);
  const worked = state.ran + parts;
  const elapsed = (now - state.startedAt) / 1000;
  const left = state.nodes - finished(state) - parts;
  if (worked < 0.5 || elapsed < 2 || left <= 0) return null;
  return (elapsed / worked) * left;
}

function shareDone(entry: ActiveNode): number {
  return entry.done === null || entry.done.whole === 0 ? 0 : Math.min(1, entry.done.part / entry.done.whole);
}
