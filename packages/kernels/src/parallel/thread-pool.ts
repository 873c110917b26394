import { Worker } from "node:worker_threads";
import type { Call, Reply, WorkerStart } from "./protocol.js";

/** Beside the compiled code, also when this file runs as TypeScript from `src`. */
const WORKER = new URL("../../dist/worker.js", import.meta.url);

interface Task {
  readonly call: Call;
  resolve(): void;
  reject(error: unknown): void;
}

/** Threads that take calls from one queue. Idle ones do not keep the process alive. */
export interface ThreadPool {
  run(call: Call): Promise<void>;
  close(): Promise<void>;
}

export function createThreadPool({ memory, module }: WorkerStart, threads: number): ThreadPool {
  const workerData: WorkerStart = { memory, module };
  const queue: Task[] = [];
  const idle: Worker[] = [];
  const running = new Map<Worker, Task>();
  let closed = false;

  const next = (worker: Worker): void => {
    const task = queue.shift();
    if (task === undefined) {
      worker.unref();
      idle.push(worker);
      return;
    }
    worker.ref();
    running.set(worker, task);
    worker.postMessage(task.call);
  };
  /** A thread that died takes its task with it; the others go on. */
  const lost = (worker: Worker, error: unknown): void => {
    running.get(worker)?.reject(error);
    running.delete(worker);
    workers.delete(worker);
    const at = idle.indexOf(worker);
    if (at >= 0) idle.splice(at, 1);
    if (workers.size === 0) for (const task of queue.splice(0)) task.reject(error);
  };
  const open = (): Worker => {
    const worker = new Worker(WORKER, { workerData });
    worker.unref();
    worker.on("message", (reply: Reply) => {
      const task = running.get(worker);
      running.delete(worker);
      if (reply.ok) task?.resolve();
      else task?.reject(reply.error);
      next(worker);
    });
    worker.on("error", (error) => lost(worker, error));
    worker.on("exit", (code) => lost(worker, new Error(`A ranking thread ended with code ${code}.`)));
    return worker;
  };

  const workers = new Set(Array.from({ length: threads }, open));
  idle.push(...workers);

  return {
    run(call) {
      return new Promise((resolve, reject) => {
        if (closed || workers.size === 0) {
          reject(new Error("The ranking threads were closed."));
          return;
        }
        queue.push({ call, resolve, reject });
        const worker = idle.pop();
        if (worker !== undefined) next(worker);
      });
    },
    async close() {
      closed = true;
      await Promise.all([...workers].map((worker) => worker.terminate()));
    },
  };
}
