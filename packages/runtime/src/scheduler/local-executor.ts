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
  #next = 0;

  constructor(@inject(TOKENS.workerSettings) settings: WorkerSettings) {
    this.#settings = settings;
  }

  async run(task: Task, listener: TaskListener, limits: TaskLimits): Promise<TaskOutcome> {
    const worker = this.#take();
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

  #take(): WorkerProcess {
    for (let worker = this.#idle.pop(); worker; worker = this.#idle.pop()) {
      if (worker.usable) return worker;
      this.#all.delete(worker);
    }
    const fresh = new WorkerProcess(this.#next++, this.#settings);
    this.#all.add(fresh);
    return fresh;
  }
}
