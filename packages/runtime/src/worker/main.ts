import "reflect-metadata";
import { writeSync } from "node:fs";
import type { LoadedPlugins } from "../plugins/loaded-registry.js";
import { runTask } from "./run-task.js";
import { stopFault } from "./stop-faults.js";
import {
  endOfOutput,
  type FromWorker,
  type StopReason,
  subjectOf,
  type Task,
  type TaskOutcome,
  type ToWorker,
} from "./task.js";

import { SettableGrant } from "./thread-grant.js";

/** A task in progress in this process: one at a time. */
interface Current {
  readonly id: number;
  readonly task: Task;
  readonly threads: SettableGrant;
  readonly stop: (reason: StopReason) => void;
}

/** How long a stage may go on after the run that asked for it is gone: enough to save a checkpoint. */
const GRACE_AFTER_RUN_MS = 5_000;

/** Child process of the local executor: computes what it is sent until the channel closes. */
function serve(send: (message: FromWorker) => Promise<void>): void {
  let current: Current | null = null;
  const plugins: LoadedPlugins = new Map();

  const finish = async (id: number, outcome: TaskOutcome): Promise<void> => {
    if (current?.id !== id) return;
    current = null;
    // Behind everything that the stage printed, which the pipe keeps in order.
    for (const stream of [1, 2]) printNow(stream, `\n${endOfOutput(id)}\n`);
    await send({ type: "done", id, outcome });
  };

  const start = async (message: Extract<ToWorker, { type: "run" }>): Promise<void> => {
    const { id, task, timeoutSeconds } = message;
    const controller = new AbortController();
    const place = subjectOf(task).id;
    const threads = new SettableGrant(message.threads);
    current = { id, task, threads, stop: (reason) => controller.abort(stopFault(reason, place, timeoutSeconds)) };
    const outcome = await runTask(task, {
      signal: controller.signal,
      plugins,
      threads,
      emit: (event) => void send({ type: "event", id, event }),
    });
    await finish(id, outcome);
  };

  process.on("message", (message: ToWorker) => {
    if (message.type === "run") void start(message);
    else if (current?.id !== message.id) return;
    else if (message.type === "threads") current.threads.set(message.threads);
    else current.stop(message.reason);
  });

  // Ctrl-C reaches the whole process group; the run decides when its workers stop.
  process.on("SIGINT", () => {});
  process.on("SIGTERM", () => current?.stop("SIGTERM"));

  process.on("disconnect", () => {
    if (current === null) process.exit(0);
    current.stop("run-gone");
    setTimeout(() => process.exit(0), GRACE_AFTER_RUN_MS).unref();
  });

  // Printing after the run is gone must not keep a stage from saving its checkpoint.
  process.stdout.on("error", () => {});
  process.stderr.on("error", () => {});

  // What a plugin throws outside of any await still ends only its node; the process is then not to be trusted further.
  const onStray = (error: unknown): void => {
    const failed = current;
    if (failed === null) process.exit(70);
    void import("../plugins/blame.js").then(async ({ faultOf }) => {
      const { ownFolders } = await import("./run-task.js");
      const fault = faultOf(error, {
        subject: subjectOf(failed.task),
        plugins: failed.task.plugins,
        ownFolders: ownFolders(),
      });
      await finish(failed.id, { ok: false, seconds: process.uptime(), fault });
      process.exit(70);
    });
  };
  process.on("uncaughtException", onStray);
  process.on("unhandledRejection", onStray);
}

/** Straight to the file descriptor: a plugin may have replaced `process.stdout.write`. */
function printNow(stream: number, text: string): void {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; ) {
    try {
      at += writeSync(stream, bytes, at);
    } catch (error) {
      // A pipe that is full for the moment; anything else means that nobody listens any more.
      if (!(error instanceof Error && "code" in error && error.code === "EAGAIN")) return;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1);
    }
  }
}

if (process.send) {
  serve(
    (message) =>
      new Promise((resolve) => {
        // The callback reports a closed channel too: then the run is gone and "disconnect" follows.
        process.send?.(message, undefined, undefined, () => resolve());
      }),
  );
}
