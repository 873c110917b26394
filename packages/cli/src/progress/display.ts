import type { RunEvent } from "@kdp/runtime";

/** Shows a run while it goes on. */
export interface Display {
  onEvent(event: RunEvent): void;
  /** A line of the command's own. */
  say(text: string): void;
  /** Leaves the screen in order; safe to call twice. */
  close(): void;
}
