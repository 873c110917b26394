import type { PlanNode } from "@kdp/dsl";
import { inject, injectable } from "tsyringe";
import type { RunEvent } from "../events/events.js";
import type { FaultData } from "../faults.js";
import type { MemoryEstimate } from "../memory/estimate.js";
import { memoryFault } from "../memory/memory-faults.js";
import { faultOf } from "../plugins/blame.js";
import type { LocateFault } from "../run/locate-faults.js";
import type { ArtefactMeta } from "../store/artefact.js";
import type { ArtefactStore } from "../store/artefact-store.js";
import type { LockService } from "../store/locks.js";
import { TOKENS } from "../tokens.js";
import { type NodeTask, subjectOf } from "../worker/task.js";
import type { ThreadGrant } from "../worker/thread-grant.js";
import type { Executor } from "./executor.js";
import type { NodeLogs } from "./node-logs.js";
import { hitResult, type NodeResult, skippedResult } from "./node-result.js";
import { ThreadShares, threadsWithin } from "./thread-shares.js";

export interface ScheduledNode {
  readonly node: PlanNode;
  readonly task: NodeTask;
  /** The stored artefact, if there is one. */
  readonly hit: ArtefactMeta | null;
  /** Seconds of the longest chain from here. */
  readonly priority: number;
  /** What it will take, by the results that it reads. */
  memory(meta: (node: string) => ArtefactMeta | undefined): MemoryEstimate;
}

export interface ScheduleOptions {
  readonly run: string;
  readonly jobs: number;
  /** Threads of all nodes together. */
  readonly threads: number;
  /** What nodes that run together may take, in bytes. */
  readonly memoryBytes: number;
  /** Aborted when the run is interrupted. */
  readonly signal: AbortSignal;
  readonly locate: LocateFault;
  emit(event: RunEvent): void;
}

/** How often a node asks whether another run has finished what it waits for. */
const POLL_MS = 100;

/** Walks a plan: runs what is ready, at most `jobs` at once, and keeps failures to what depends on them. */
@injectable()
export class Scheduler {
  readonly #executor: Executor;
  readonly #store: ArtefactStore;
  readonly #locks: LockService;
  readonly #logs: NodeLogs;

  constructor(
    @inject(TOKENS.executor) executor: Executor,
    @inject(TOKENS.store) store: ArtefactStore,
    @inject(TOKENS.locks) locks: LockService,
    @inject(TOKENS.nodeLogs) logs: NodeLogs,
  ) {
    this.#executor = executor;
    this.#store = store;
    this.#locks = locks;
    this.#logs = logs;
  }

  /** @param nodes in topological order. @returns the result of every node, by id */
  async run(nodes: readonly ScheduledNode[], options: ScheduleOptions): Promise<ReadonlyMap<string, NodeResult>> {
    const results = new Map<string, NodeResult>();
    for (const { node, hit } of nodes) {
      if (!hit) continue;
      results.set(node.id, hitResult(hit));
      this.#store.touch(hit.key);
      options.emit({ type: "node-hit", node: node.id });
    }
    const walk = new Walk(nodes, results, options, (entry, threads) => this.#compute(entry, threads, options, walk));
    await walk.finished();
    return results;
  }

  /** Computes a node, or waits for the run that does. Returns null when it waits: the walk asks again. */
  async #compute(
    entry: ScheduledNode,
    threads: ThreadGrant,
    options: ScheduleOptions,
    walk: Walk,
  ): Promise<NodeResult | null> {
    const { node, task } = entry;
    try {
      const lock = this.#locks.tryAcquire(task.key, { run: options.run, node: node.id });
      if (!lock.held) {
        const { pid, host, since } = lock.holder;
        walk.announceWait(node.id, `process ${pid} on ${host}, since ${since}`);
        return null;
      }
      try {
        // Another run may have published it since the plan was made.
        const found = await this.#store.verify(task.key);
        if (found.status === "hit") {
          options.emit({ type: "node-hit", node: node.id });
          return hitResult(found.meta);
        }
        if (found.status === "damaged") await this.#store.remove(task.key);
        const fault = memoryFault(node, walk.memoryOf(entry));
        if (fault) return this.#failed(node, fault, 0, 0, options);
        return await this.#attempt(entry, threads, options);
      } finally {
        lock.release();
      }
    } catch (error) {
      return this.#failed(
        node,
        faultOf(error, { subject: subjectOf(task), plugins: task.plugins, ownFolders: [] }),
        1,
        0,
        options,
      );
    }
  }

  async #attempt({ node, task }: ScheduledNode, threads: ThreadGrant, options: ScheduleOptions): Promise<NodeResult> {
    const log = await this.#logs.open(node.id);
    try {
      for (let attempt = 1; ; attempt++) {
        const outcome = await this.#executor.run(
          task,
          {
            started: (worker) => options.emit({ type: "node-started", node: node.id, worker, attempt }),
            event: (event) => {
              log.event(event);
              options.emit({ type: "node-event", node: node.id, event });
            },
            output: (line) => log.output(line),
          },
          {
            timeoutSeconds: node.run.timeoutSeconds ?? null,
            memoryBytes: node.run.memoryBytes ?? null,
            threads,
            signal: options.signal,
          },
        );
        if (outcome.ok) return await this.#published(node, task, outcome, attempt, options);
        log.fault(options.locate(outcome.fault, node));
        const again = outcome.fault.retriable === true && attempt <= (node.run.retries ?? 0) && !options.signal.aborted;
        if (!again) {
          const failed = this.#failed(node, outcome.fault, attempt, outcome.seconds, options);
          return { ...failed, peakRssBytes: outcome.peakRssBytes ?? null };
        }
        const text = `attempt ${attempt} failed (${outcome.fault.message.split("\n")[0]}); trying again`;
        options.emit({ type: "node-event", node: node.id, event: { type: "note", text } });
      }
    } finally {
      log.close();
    }
  }

  async #published(
    node: PlanNode,
    task: NodeTask,
    { seconds, peakRssBytes }: { readonly seconds: number; readonly peakRssBytes: number },
    attempts: number,
    options: ScheduleOptions,
  ): Promise<NodeResult> {
    const found = await this.#store.lookup(task.key);
    if (found.status !== "hit") {
      const why = found.status === "damaged" ? found.why : "it is not there";
      const fault: FaultData = {
        code: "KDP8008",
        kind: "run",
        message: `the result cannot be read back: ${why}`,
        place: node.id,
        fix: "look for something else that writes or cleans the .kdp folder, and run again",
      };
      return this.#failed(node, fault, attempts, seconds, options);
    }
    options.emit({ type: "node-finished", node: node.id, seconds });
    return { status: "ran", seconds, meta: found.meta, fault: null, because: null, attempts, peakRssBytes };
  }

  #failed(node: PlanNode, data: FaultData, attempts: number, seconds: number, options: ScheduleOptions): NodeResult {
    const fault = options.locate(data, node);
    const { code, message, at } = fault;
    options.emit({ type: "node-failed", node: node.id, code, message, ...(at ? { at } : {}) });
    return { status: "failed", seconds, meta: null, fault, because: null, attempts, peakRssBytes: null };
  }
}

/** The state of one walk over the plan. */
class Walk {
  /** In topological order. */
  readonly #nodes: readonly ScheduledNode[];
  readonly #byPriority: readonly ScheduledNode[];
  readonly #results: Map<string, NodeResult>;
  readonly #options: ScheduleOptions;
  readonly #compute: (entry: ScheduledNode, threads: ThreadGrant) => Promise<NodeResult | null>;
  readonly #threads: ThreadShares;
  readonly #running = new Map<string, ScheduledNode>();
  readonly #waiting = new Set<string>();
  readonly #announced = new Set<string>();
  readonly #estimates = new Map<string, MemoryEstimate>();
  readonly #done: Promise<void>;
  #finish: () => void = () => {};
  #fail: (error: unknown) => void = () => {};

  constructor(
    nodes: readonly ScheduledNode[],
    results: Map<string, NodeResult>,
    options: ScheduleOptions,
    compute: (entry: ScheduledNode, threads: ThreadGrant) => Promise<NodeResult | null>,
  ) {
    this.#nodes = nodes;
    this.#byPriority = [...nodes].sort((a, b) => b.priority - a.priority);
    this.#results = results;
    this.#options = options;
    this.#compute = compute;
    this.#threads = new ThreadShares(options.threads);
    this.#done = new Promise((resolve, reject) => {
      this.#finish = resolve;
      this.#fail = reject;
    });
  }

  finished(): Promise<void> {
    this.#options.signal.addEventListener("abort", () => this.#step(), { once: true });
    this.#step();
    return this.#done;
  }

  announceWait(node: string, holder: string): void {
    if (this.#announced.has(node)) return;
    this.#announced.add(node);
    this.#options.emit({ type: "node-waiting", node, holder });
  }

  #step(): void {
    this.#skipHopeless();
    for (const entry of this.#byPriority) if (this.#isReady(entry)) this.#start(entry);
    this.#shareThreads();
    if (this.#results.size === this.#nodes.length) this.#finish();
  }

  #isReady(entry: ScheduledNode): boolean {
    const { id, inputs } = entry.node;
    if (this.#results.has(id) || this.#running.has(id) || this.#waiting.has(id)) return false;
    return (
      this.#running.size < this.#options.jobs &&
      inputs.every((input) => this.#results.get(input.node)?.meta) &&
      this.#hasMemoryFor(entry) &&
      this.#hasDeviceFor(entry)
    );
  }

  /** A device other than the CPU belongs to one node at a time: two would share its memory and gain no speed. */
  #hasDeviceFor({ task }: ScheduledNode): boolean {
    if (task.device.entry === null) return true;
    return [...this.#running.values()].every((other) => other.task.device.name !== task.device.name);
  }

  /** What runs together stays within the memory there is; a single node may always run. */
  #hasMemoryFor(entry: ScheduledNode): boolean {
    if (this.#running.size === 0) return true;
    const wanted = (each: ScheduledNode) => each.node.run.memoryBytes ?? this.memoryOf(each).bytes ?? 0;
    const taken = [...this.#running.values()].reduce((sum, each) => sum + wanted(each), 0);
    return taken + wanted(entry) <= this.#options.memoryBytes;
  }

  /** Of a node that is ready or running: what it reads does not change any more. */
  memoryOf(entry: ScheduledNode): MemoryEstimate {
    const { id } = entry.node;
    const known = this.#estimates.get(id);
    if (known) return known;
    const estimate = entry.memory((input) => this.#results.get(input)?.meta ?? undefined);
    this.#estimates.set(id, estimate);
    return estimate;
  }

  /** A slot that no other node can fill, now or for lack of memory, is a thread for those that run. */
  #shareThreads(): void {
    const running = this.#byPriority.filter(({ node }) => this.#running.has(node.id));
    this.#threads.share(
      running.map(({ node }) => node.id),
      (id) => this.#mostThreads(this.#running.get(id) as ScheduledNode),
    );
  }

  /** A process that grows beyond its bound is killed: threads must fit into what is left of it. */
  #mostThreads(entry: ScheduledNode): number {
    const bound = entry.node.run.memoryBytes;
    return bound === undefined ? Number.POSITIVE_INFINITY : threadsWithin(bound, this.memoryOf(entry).bytes);
  }

  #start(entry: ScheduledNode): void {
    const { id } = entry.node;
    this.#running.set(id, entry);
    this.#compute(entry, this.#threads.open(id)).then((result) => {
      this.#running.delete(id);
      this.#threads.close(id);
      if (result) this.#results.set(id, result);
      else this.#askLater(id);
      this.#step();
    }, this.#fail);
  }

  #askLater(id: string): void {
    this.#waiting.add(id);
    setTimeout(() => {
      this.#waiting.delete(id);
      this.#step();
    }, POLL_MS);
  }

  /** Nodes that can no longer run: something they need failed, or the run was interrupted. */
  #skipHopeless(): void {
    // In topological order one pass reaches all that depends on a failure.
    for (const { node } of this.#nodes) {
      if (this.#results.has(node.id) || this.#running.has(node.id)) continue;
      const culprit = node.inputs.map((input) => this.#culprit(input.node)).find((id) => id !== null);
      const because = culprit ?? (this.#options.signal.aborted ? "interrupted" : null);
      if (because === null) continue;
      this.#results.set(node.id, skippedResult(because));
      this.#options.emit({ type: "node-skipped", node: node.id, because });
    }
  }

  #culprit(id: string): string | null {
    const result = this.#results.get(id);
    if (result?.status === "failed") return id;
    return result?.status === "skipped" ? result.because : null;
  }
}
