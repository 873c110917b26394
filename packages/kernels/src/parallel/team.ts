import { Worker } from "node:worker_threads";
import type { WasmMemory, WasmModule } from "../wasm/webassembly.js";
import { CLOSED, controlBlock, FAILED, JOB_NUMBER, LIMIT, SEEN } from "./control-block.js";

/** Beside the compiled code, also when this file runs as TypeScript from `src`. */
const HELPER = new URL("../../dist/helper.js", import.meta.url);

/** More would wait for memory: a product of the usual size has no more chunks. */
export const MOST_THREADS = 16;

/** A helper computes WebAssembly and holds no objects: V8 need not set aside what it gives a program. */
const SMALL_HEAP = { maxOldGenerationSizeMb: 32, maxYoungGenerationSizeMb: 2 };

/** What a helper thread is started with. */
export interface HelperStart {
  readonly memory: WasmMemory;
  readonly module: WasmModule;
  /** 1, 2, …: the leader is 0. */
  readonly self: number;
  /** Address of its temporaries. */
  readonly scratch: number;
}

/** How many threads the kernels of one memory use. Their results have the same bits with any number. */
export interface Team {
  /** Threads that a kernel may use from now on, the calling one counted; may change between any two calls. */
  grant(threads: number): void;
  /** What was granted last. */
  readonly granted: number;
  /** Threads that have computed something, the calling one counted. */
  readonly used: number;
  /** Starts the helpers now, and waits until each has begun or failed; else they start once there was work for them. */
  ready(): Promise<void>;
  /** Ends the helpers; what is called afterwards runs in the calling thread. */
  close(): Promise<void>;
}

/** What the compiled kernels call. */
export interface TeamImports {
  startHelpers(): void;
  helperFailed(): never;
}

export interface TeamHost {
  readonly memory: WasmMemory;
  readonly module: WasmModule;
  /** Address of temporaries for one more helper; throws where memory ends. */
  reserve(): number;
  release(address: number): void;
}

interface Helper {
  readonly scratch: number;
  /** Resolved when it takes part, or never will. */
  readonly begun: Promise<void>;
  readonly ended: Promise<void>;
}

/**
 * Helper threads of one memory. They start when there was work for them, sleep when there is none, and do not keep the
 * process alive. One that cannot start or ends early is done without.
 */
export function createTeam({ memory, module, reserve, release }: TeamHost): Team & TeamImports {
  const control = controlBlock(memory.buffer);
  const helpers = new Map<Worker, Helper>();
  let granted = 1;
  let started = false;
  let closed = false;
  let loss: unknown = null;

  const start = (self: number): boolean => {
    let scratch: number;
    let worker: Worker;
    try {
      scratch = reserve();
    } catch {
      return false;
    }
    try {
      const workerData: HelperStart = { memory, module, self, scratch };
      worker = new Worker(HELPER, { workerData, resourceLimits: SMALL_HEAP, execArgv: [] });
    } catch {
      release(scratch);
      return false;
    }
    worker.on("error", (error) => {
      loss = error;
    });
    const ended = new Promise<void>((resolve) => worker.once("exit", () => resolve()));
    const begun = Promise.race([ended, new Promise<void>((resolve) => worker.once("message", () => resolve()))]);
    // A listener for messages keeps the process alive, unless it is told not to once more.
    worker.unref();
    helpers.set(worker, { scratch, begun, ended });
    return true;
  };
  const startMissing = (): void => {
    while (started && !closed && helpers.size < granted - 1) if (!start(helpers.size + 1)) return;
  };

  return {
    grant(threads) {
      if (closed) return;
      granted = Math.max(1, Math.min(MOST_THREADS, Math.floor(threads)));
      Atomics.store(control, LIMIT, granted);
      Atomics.notify(control, LIMIT);
      startMissing();
    },
    get granted() {
      return granted;
    },
    get used() {
      let bits = Atomics.load(control, SEEN);
      let used = 1;
      for (; bits !== 0; bits &= bits - 1) used++;
      return used;
    },
    async ready() {
      started = true;
      startMissing();
      const waiting = [...helpers.keys()];
      for (const worker of waiting) worker.ref();
      await Promise.all([...helpers.values()].map(({ begun }) => begun));
      for (const worker of waiting) worker.unref();
    },
    async close() {
      closed = true;
      granted = 1;
      Atomics.store(control, LIMIT, CLOSED);
      Atomics.add(control, JOB_NUMBER, 1);
      for (const address of [LIMIT, JOB_NUMBER]) Atomics.notify(control, address);
      await Promise.all(
        [...helpers].map(async ([worker, { scratch, ended }]) => {
          await worker.terminate();
          await ended;
          release(scratch);
        }),
      );
      helpers.clear();
    },
    startHelpers() {
      started = true;
      startMissing();
    },
    helperFailed() {
      const why = Atomics.load(control, FAILED) === 0 ? "it did not end its part of a kernel" : "a kernel failed in it";
      throw new Error(`A thread of the kernels was lost: ${why}. What the kernel wrote is not to be used.`, {
        ...(loss === null ? {} : { cause: loss }),
      });
    },
  };
}
