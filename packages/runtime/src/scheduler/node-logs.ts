import { join } from "node:path";
import { inject, injectable } from "tsyringe";
import type { NodeEvent } from "../events/events.js";
import type { FaultData } from "../faults.js";
import type { RunFolder } from "../run/run-folder.js";
import { writing } from "../store/fs-faults.js";
import { makeFolder, nodeStoreFs } from "../store/store-fs.js";
import { TOKENS } from "../tokens.js";
import type { OutputLine } from "./executor.js";

/** The log of one node: what it told, what its code printed, why it failed. */
export interface NodeLog {
  event(event: NodeEvent): void;
  output(line: OutputLine): void;
  fault(fault: FaultData): void;
  close(): void;
}

export interface NodeLogs {
  open(node: string): Promise<NodeLog>;
}

/** Logs as NDJSON files (pino) in `logs` of the run's folder. */
@injectable()
export class FileNodeLogs implements NodeLogs {
  readonly #folder: string;

  constructor(@inject(TOKENS.runFolder) folder: RunFolder) {
    this.#folder = join(folder.path, "logs");
  }

  async open(node: string): Promise<NodeLog> {
    // Loaded only when a node runs: a cached run writes no log.
    const { destination: openFile, pino, stdTimeFunctions } = await import("pino");
    const file = join(this.#folder, logName(node));
    const destination = writing(file, () => {
      makeFolder(nodeStoreFs, this.#folder);
      return openFile({ dest: file, sync: true });
    });
    // A log that cannot be written (disk full) must not end the run: the node's own output will tell.
    destination.on("error", () => {});
    const log = pino({ base: { node }, timestamp: stdTimeFunctions.isoTime }, destination);
    return {
      event: (event) => (event.type === "progress" ? log.debug(event) : log.info({ event })),
      output: ({ stream, text }) => (stream === "stderr" ? log.warn({ stream, text }) : log.info({ stream, text })),
      fault: (fault) => log.error({ fault }, fault.message),
      close: () => destination.end(),
    };
  }
}

/** `kd[seed=0,dim=8]` becomes `kd[seed=0,dim=8].ndjson`; what a file name may not hold becomes `_`. */
export function logName(node: string): string {
  return `${node.replace(/[^\w.,=[\]-]/g, "_").slice(0, 200)}.ndjson`;
}
