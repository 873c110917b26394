import type { RunEvent } from "@kdp/runtime";
import { MultiBar, type SingleBar } from "cli-progress";
import type { Host } from "../io/host.js";
import type { Display } from "./display.js";
import { eventLine } from "./event-line.js";
import { nodeLine, runLine } from "./live-lines.js";
import { advance, initialState, type RunState } from "./run-state.js";

const CLEAR_TO_END = "\u001b[K";

/** Bars on a terminal, redrawn in place: the run, and one for every node that works. What ended scrolls up above them. */
export function liveDisplay({ stderr, workingFolder }: Host, clock: () => number = () => performance.now()): Display {
  const { colors } = stderr;
  let state: RunState = initialState;
  let closed = false;
  const bars = new MultiBar({
    stream: process.stderr,
    hideCursor: true,
    linewrap: false,
    clearOnComplete: true,
    fps: 8,
    // The run ends in its own order after a signal; the bars must not take the signal for themselves.
    gracefulExit: false,
    format: (_options, _params, payload: { readonly line: () => string }) => payload.line(),
  });
  const slots: SingleBar[] = [];
  const slot = (index: number): string => {
    const entry = state.active[index];
    return entry ? nodeLine(entry, clock(), colors) : "";
  };
  // A line is written over what a bar left there: the rest of it has to be cleared.
  const say = (text: string): void => {
    if (closed) stderr.write(`${text}\n`);
    else bars.log(`${text}${CLEAR_TO_END}\n`);
  };
  return {
    onEvent: (event) => {
      state = advance(state, event, clock());
      if (closed) return;
      if (event.type === "run-started") bars.create(1, 0, { line: () => runLine(state, clock(), colors) });
      while (slots.length < state.active.length) {
        const index = slots.length;
        slots.push(bars.create(1, 0, { line: () => slot(index) }));
      }
      const line = scrollsUp(event) ? eventLine(event, colors, workingFolder) : null;
      if (line !== null) say(line);
    },
    say,
    close: () => {
      if (closed) return;
      closed = true;
      bars.stop();
    },
  };
}

/** Lines that stay on the screen; the rest is what the bars show. */
function scrollsUp(event: RunEvent): boolean {
  if (event.type === "node-event") return event.event.type === "note" || event.event.type === "resumed";
  return event.type !== "run-started" && event.type !== "node-hit" && event.type !== "node-started";
}
