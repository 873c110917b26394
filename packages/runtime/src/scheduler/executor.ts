import type { NodeEvent } from "../events/events.js";
import type { Task, TaskOutcome } from "../worker/task.js";
import type { ThreadGrant } from "../worker/thread-grant.js";

export interface OutputLine {
  readonly stream: "stdout" | "stderr";
  readonly text: string;
}

export interface TaskListener {
  /** Called when a worker takes the task. */
  started(worker: number): void;
  event(event: NodeEvent): void;
  /** What the task printed. */
  output(line: OutputLine): void;
}

export interface TaskLimits {
  readonly timeoutSeconds: number | null;
  /** Resident memory that its process may reach; null when nothing was said. */
  readonly memoryBytes: number | null;
  /** Threads that it may use; may change while it runs. */
  readonly threads: ThreadGrant;
  /** Aborted with `SIGINT` or `SIGTERM` as its reason when the run is interrupted. */
  readonly signal: AbortSignal;
}

/**
 * Where tasks run: child processes here, jobs of a cluster elsewhere. One that is `Disposable` is disposed with the
 * container of its run.
 */
export interface Executor {
  /** Runs one task. Never rejects for what happens inside the task: a crash is an outcome. */
  run(task: Task, listener: TaskListener, limits: TaskLimits): Promise<TaskOutcome>;
}
