import type { Host } from "../io/host.js";
import type { Display } from "./display.js";
import { eventLine } from "./event-line.js";

/** One line per event: for logs, continuous integration and pipes. */
export function lineDisplay({ stderr, workingFolder }: Host): Display {
  return {
    onEvent: (event) => {
      const line = eventLine(event, stderr.colors, workingFolder);
      if (line !== null) stderr.write(`${line}\n`);
    },
    say: (text) => stderr.write(`${text}\n`),
    close: () => {},
  };
}
