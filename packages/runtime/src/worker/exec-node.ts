import "reflect-metadata";
import { readFileSync } from "node:fs";
import type { NodeEvent } from "../events/events.js";
import { EXIT_CODE, RuntimeFault } from "../faults.js";
import { runTask } from "./run-task.js";
import { stopFault } from "./stop-faults.js";
import type { NodeTask, TaskOutcome } from "./task.js";
import { SettableGrant } from "./thread-grant.js";

/** What `kdp exec-node` prints, one JSON line each. */
export type ExecNodeLine =
  | { readonly type: "event"; readonly event: NodeEvent }
  | ({ readonly type: "done" } & TaskOutcome);

/**
 * Computes the node of a task file in this process: the entry of executors that start a process of their own for each node
 * (a cluster's queue).
 * @returns the exit code: 0, or that of the fault
 * @throws RuntimeFault KDP5511 (user) when the file is no task
 */
export async function execNode(
  taskFile: string,
  print: (line: ExecNodeLine) => void,
  interrupted: AbortSignal = new AbortController().signal,
): Promise<number> {
  const task = readTask(taskFile);
  const controller = new AbortController();
  const stop = () => {
    const reason = interrupted.reason === "SIGTERM" ? "SIGTERM" : "SIGINT";
    controller.abort(stopFault(reason, task.node.id, null));
  };
  interrupted.addEventListener("abort", stop, { once: true });
  const emit = (event: NodeEvent) => print({ type: "event", event });
  const outcome = await runTask(task, {
    signal: controller.signal,
    plugins: new Map(),
    // Whoever started this process gave it a place for one.
    threads: new SettableGrant(1),
    emit,
  });
  interrupted.removeEventListener("abort", stop);
  print({ type: "done", ...outcome });
  return outcome.ok ? 0 : EXIT_CODE[outcome.fault.kind];
}

function readTask(path: string): NodeTask {
  let task: NodeTask;
  try {
    task = JSON.parse(readFileSync(path, "utf8")) as NodeTask;
  } catch (error) {
    throw noTask(path, error instanceof Error ? error.message : String(error));
  }
  if (task?.kdpTask !== 1 || task.kind !== "node") throw noTask(path, "it holds no node task of this version");
  return task;
}

function noTask(path: string, why: string): RuntimeFault {
  return new RuntimeFault({
    code: "KDP5511",
    kind: "user",
    message: `this is no task: ${why}`,
    place: path,
    fix: "task files are written by executors; a person runs `kdp run`",
  });
}
