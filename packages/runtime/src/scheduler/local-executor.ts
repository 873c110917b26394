import { type Disposable, inject, injectable } from "tsyringe";
import { TOKENS } from "../tokens.js";
import type { Task, TaskOutcome } from "../worker/task.js";
import type { Executor, TaskLimits, TaskListener } from "./executor.js";
import { WorkerProcess, type WorkerSettings } from "./worker-process.js";

/** Runs tasks in warm child processes of this machine; as many as there are tasks at one time. */
@injectable()
export class LocalExecutor implements Executor, Disposable {
  readonly #settings: WorkerSettings;
  readonly #idle: WorkerProcess[] = [];
  readonly #all = new Set<WorkerProcess>();
  /** The device of each worker's last task. */
  readonly #devices = new WeakMap<WorkerProcess, string>();
  #next = 0;

  constructor(@inject(TOKENS.workerSettings) settings: WorkerSettings) {
    this.#settings = settings;
  }

  async run(task: Task, listener: TaskListener, limits: TaskLimits): Promise<TaskOutcome> {
    const device = deviceOf(task);
    const worker = this.#take(device);
    this.#devices.set(worker, device);
    const outcome = await worker.run(task, listener, limits);
    if (worker.usable) this.#idle.push(worker);
    else this.#all.delete(worker);
    return outcome;
  }

  /** Called when the container of the run is disposed. */
  async dispose(): Promise<void> {
    const all = [...this.#all];
    this.#all.clear();
    this.#idle.length = 0;
    await Promise.all(all.map((worker) => worker.close()));
  }

  /** An idle worker, best one that has this device open already; opening a GPU costs a second. */
  #take(device: string): WorkerProcess {
    for (;;) {
      const same = this.#idle.findLastIndex((worker) => this.#devices.get(worker) === device);
      const worker = this.#idle.splice(same < 0 ? this.#idle.length - 1 : same, 1)[0];
      if (!worker) break;
      if (worker.usable) return worker;
      this.#all.delete(worker);
    }
    const fresh = new WorkerProcess(this.#next++, this.#settings);
    this.#all.add(fresh);
    return fresh;
  }
}

const deviceOf = (task: Task): string => (task.kind === "node" ? task.device.name : "cpu");
