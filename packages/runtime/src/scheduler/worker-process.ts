import { type ChildProcess, fork } from "node:child_process";
import { residentMemory } from "../memory/available-memory.js";
import { boundFault } from "../memory/memory-faults.js";
import {
  endOfOutput,
  type FromWorker,
  type StopReason,
  type Task,
  type TaskOutcome,
  type ToWorker,
} from "../worker/task.js";
import { crashFault } from "./crash-fault.js";
import type { OutputLine, TaskLimits, TaskListener } from "./executor.js";
import { LineSplitter } from "./line-splitter.js";
import { oomKills } from "./oom-kills.js";

export interface WorkerSettings {
  /** Program of the worker. */
  readonly entry: string;
  /** Time that a stopped task has for its checkpoint before its process is killed. */
  readonly graceMs: number;
}

/**
 * glibc, left to itself, keeps freed arrays of up to 32 MB for later ones: a warm worker held 50 MB that no node used. With a
 * bound of its own, each large array goes back to the system when it is freed. Other allocators do not read these.
 */
const GIVE_BACK = { MALLOC_MMAP_THRESHOLD_: String(2 ** 20), MALLOC_TRIM_THRESHOLD_: String(2 ** 20) };

/** How often the memory of a process that has a bound is looked at. */
const MEMORY_POLL_MS = 200;
/** How long the run waits, after an answer, for the end of the output: a plugin may have closed the pipe. */
const OUTPUT_WAIT_MS = 1_000;
/** 25 days: a longer timer of Node's would end at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;
/** Lines kept to tell what a crash was: an out-of-memory message stands before a long native stack. */
const LAST_LINES = 60;

interface Running {
  readonly id: number;
  readonly task: Task;
  readonly listener: TaskListener;
  readonly timeoutSeconds: number | null;
  readonly settle: (outcome: TaskOutcome) => void;
  readonly lastLines: string[];
  readonly open: Set<OutputLine["stream"]>;
  readonly started: number;
  /** Count of the system when the task began. */
  readonly oomKills: number | null;
  outcome: TaskOutcome | null;
  stopped: StopReason | null;
}

const secondsOf = ({ started }: Running): number => (performance.now() - started) / 1000;

/** A warm child process: runs one task after the other until one of them crashes or fails. */
export class WorkerProcess {
  readonly number: number;
  readonly #child: ChildProcess;
  readonly #settings: WorkerSettings;
  readonly #closed: Promise<void>;
  #running: Running | null = null;
  #nextId = 1;
  #usable = true;

  constructor(number: number, settings: WorkerSettings) {
    this.number = number;
    this.#settings = settings;
    this.#child = fork(settings.entry, [], {
      serialization: "advanced",
      stdio: ["ignore", "pipe", "pipe", "ipc"],
      // Not those of this process: an inspector's port or a test runner's loader would be in the way.
      execArgv: [],
      env: { ...GIVE_BACK, ...process.env },
    });
    this.#listen("stdout");
    this.#listen("stderr");
    this.#child.on("message", (message) => this.#receive(message as FromWorker));
    this.#closed = new Promise((resolve) => {
      this.#child.on("error", (error) => this.#gone(null, null, error.message, resolve));
      // "exit" may come before the last output, and "close" never comes once this side has closed the channel (Node 20).
      const outputs = [this.#child.stdout, this.#child.stderr].map(
        (stream) => new Promise<void>((ended) => (stream ? stream.once("close", ended) : ended())),
      );
      this.#child.on("exit", (code, signal) => {
        // A process that a plugin started may keep the pipes open for ever.
        const patience = setTimeout(() => this.#gone(code, signal, null, resolve), OUTPUT_WAIT_MS);
        void Promise.all(outputs).then(() => {
          clearTimeout(patience);
          this.#gone(code, signal, null, resolve);
        });
      });
    });
  }

  /** False once a task crashed or failed here: the next task gets a fresh process. */
  get usable(): boolean {
    return this.#usable;
  }

  run(task: Task, listener: TaskListener, limits: TaskLimits): Promise<TaskOutcome> {
    return new Promise((resolve) => {
      const id = this.#nextId++;
      const stop = (reason: StopReason) => this.#stop(id, reason);
      const onAbort = () => stop(limits.signal.reason === "SIGTERM" ? "SIGTERM" : "SIGINT");
      const { timeoutSeconds, memoryBytes, signal, threads } = limits;
      const limit = timeoutSeconds === null ? null : Math.min(timeoutSeconds * 1000, LONGEST_TIMER_MS);
      const timer = limit === null ? null : setTimeout(() => stop("timeout"), limit);
      const watch = memoryBytes === null ? null : setInterval(() => this.#bound(id, memoryBytes), MEMORY_POLL_MS);
      const endGrant = threads.onChange((granted) => this.#send({ type: "threads", id, threads: granted }));
      const settle = (outcome: TaskOutcome) => {
        if (timer) clearTimeout(timer);
        if (watch) clearInterval(watch);
        signal.removeEventListener("abort", onAbort);
        endGrant();
        this.#running = null;
        if (!outcome.ok) void this.close();
        resolve(outcome);
      };
      const open = new Set<OutputLine["stream"]>(["stdout", "stderr"]);
      const started = performance.now();
      this.#running = {
        id,
        task,
        listener,
        timeoutSeconds,
        settle,
        lastLines: [],
        open,
        started,
        oomKills: oomKills(),
        outcome: null,
        stopped: null,
      };
      signal.addEventListener("abort", onAbort);
      listener.started(this.number);
      this.#send({ type: "run", id, task, timeoutSeconds, threads: threads.threads });
      if (signal.aborted) onAbort();
    });
  }

  /** Ends a process that has grown beyond its bound: it would take what was promised to the nodes beside it. */
  #bound(id: number, bytes: number): void {
    const { pid } = this.#child;
    const running = this.#running;
    const resident = pid === undefined || running?.id !== id ? null : residentMemory(pid);
    if (!running || resident === null || resident <= bytes) return;
    const fault = boundFault(running.task, resident, bytes);
    running.outcome ??= { ok: false, seconds: secondsOf(running), fault, peakRssBytes: resident };
    this.#child.kill("SIGKILL");
  }

  /** Ends the process: the channel is closed, and what does not go by itself is killed. */
  async close(): Promise<void> {
    this.#usable = false;
    if (this.#child.connected) this.#child.disconnect();
    const timer = setTimeout(() => this.#child.kill("SIGKILL"), this.#running ? this.#settings.graceMs : 500);
    await this.#closed;
    clearTimeout(timer);
  }

  #send(message: ToWorker): void {
    // The callback keeps a closed channel from throwing; "close" tells what happened.
    if (this.#child.connected) this.#child.send(message, () => {});
  }

  #stop(id: number, reason: StopReason): void {
    const running = this.#running;
    if (running?.id !== id || running.stopped !== null) return;
    running.stopped = reason;
    this.#send({ type: "stop", id, reason });
    // A stage that computes without ever yielding cannot hear the message.
    const timer = setTimeout(() => {
      if (this.#running?.id === id) this.#child.kill("SIGKILL");
    }, this.#settings.graceMs);
    timer.unref();
  }

  #receive(message: FromWorker): void {
    const running = this.#running;
    if (running?.id !== message.id) return;
    if (message.type === "event") {
      running.listener.event(message.event);
      return;
    }
    running.outcome = message.outcome;
    this.#settleWhenComplete(running);
    setTimeout(() => {
      running.open.clear();
      if (this.#running === running) this.#settleWhenComplete(running);
    }, OUTPUT_WAIT_MS).unref();
  }

  #settleWhenComplete(running: Running): void {
    if (running.outcome && running.open.size === 0) running.settle(running.outcome);
  }

  #listen(stream: OutputLine["stream"]): void {
    const splitter = new LineSplitter((text) => {
      const running = this.#running;
      if (!running || text === "") return;
      if (text === endOfOutput(running.id)) {
        running.open.delete(stream);
        this.#settleWhenComplete(running);
        return;
      }
      running.lastLines.push(text);
      if (running.lastLines.length > LAST_LINES) running.lastLines.shift();
      running.listener.output({ stream, text });
    });
    this.#child[stream]?.on("data", (chunk: Buffer) => splitter.push(chunk));
    this.#child[stream]?.on("end", () => splitter.end());
  }

  #gone(code: number | null, signal: NodeJS.Signals | null, error: string | null, resolve: () => void): void {
    this.#usable = false;
    const running = this.#running;
    if (running) {
      const { task, lastLines, stopped, timeoutSeconds } = running;
      const [before, after] = [running.oomKills, oomKills()];
      const oomKilled = before !== null && after !== null && after > before;
      const fault = crashFault({ task, code, signal, oomKilled, error, lastLines, stopped, timeoutSeconds });
      running.settle(running.outcome ?? { ok: false, seconds: secondsOf(running), fault });
    }
    resolve();
  }
}
