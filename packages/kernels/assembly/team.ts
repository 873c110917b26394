// A fork and join over the shared memory. The thread that made the memory, the leader, cuts a job into chunks; helper threads
// of the same memory and the leader itself claim them one by one, each its own share first, which it has in its caches from
// the job before, then what others left. Nobody waits for a helper that claimed nothing: one that sleeps, starts late or died
// costs speed alone. Chunks must not depend on each other, so that who computes one, and when, cannot show in a result.

/** Whether this instance belongs to the leader. */
// @ts-ignore: decorator
@external("env", "leads")
declare const LEADS: i32;
/** Asks the host for helpers; they come later. */
// @ts-ignore: decorator
@external("env", "startHelpers")
declare function startHelpers(): void;
/** Throws: a helper failed in the middle of a chunk, or does not end one. */
// @ts-ignore: decorator
@external("env", "helperFailed")
declare function helperFailed(): void;

// The control block, in the first page; `src/parallel/control-block.ts` mirrors it. Words that different threads write
// stand in different cache lines.
/** Low half: a bit for each chunk that nobody claimed; high half: number of the job. One word: no claim can meet another job. */
const TICKET: usize = 128;
const JOB_NUMBER: usize = TICKET + 4;
/** Chunks that are not done. */
const PENDING: usize = 192;
const LEADER_SLEEPS: usize = 196;
/** Helpers that wait for a job. */
const SLEEPERS: usize = 256;
/** Threads that may take part, the leader counted; CLOSED ends the helpers. */
const LIMIT: usize = 320;
const CLOSED = -1;
/** Helpers that have begun. */
const READY: usize = 324;
const FAILED: usize = 328;
/** Bit i: helper i has computed a chunk. */
const SEEN: usize = 332;
/** Work that helpers could have shared, had there been any. */
const MISSED: usize = 336;
const JOB: usize = 384;
const CHUNKS: usize = 388;
const SHARERS: usize = 392;
/** Arguments of the job: up to 1024, where the kernels' constants begin. */
export const TASK: usize = 448;

/** Temporaries that each helper has: those of any product. The host's `HELPER_SCRATCH` is not less. */
export const HELPER_SCRATCH: usize = 128 + 4 * 256 * (128 + 2048);

/** Looks at the ticket before a helper sleeps, about 25 µs: the next product of a step often follows sooner. */
const HELPER_SPINS = 20000;
/** The same for a leader that waits for the last chunks. */
const LEADER_SPINS = 50000;
/** Work for which helpers are woken, about 70 µs: that takes the leader 5 to 15. Smaller jobs are shared with those awake. */
const WORTH_WAKING: f64 = 1.5e6;
/** Chunks of a job: the bits of half a ticket. */
export const MOST_CHUNKS = 32;
/** One sleep of the leader, in ns, and how many of them without an end of a chunk mean that its thread is lost. */
const PATIENCE: i64 = 1000000000;
const MOST_SLEEPS = 120;
/** Work after which helpers are worth starting, about a tenth of a second. */
const WORTH_STARTING: f64 = 2e9;

/**
 * Threads to cut a job of `work` for (in multiply-adds, some twenty of which take a nanosecond); 1: compute it here. Inside
 * a chunk it is always 1.
 */
export function sharers(work: f64): i32 {
  if (LEADS == 0) return 1;
  const limit = atomic.load<i32>(LIMIT);
  if (limit < 2 || atomic.load<i32>(PENDING) != 0) return 1;
  const helpers = atomic.load<i32>(READY);
  if (helpers > 0) {
    const awake = work < WORTH_WAKING ? helpers - atomic.load<i32>(SLEEPERS) : helpers;
    return min(limit, max(0, awake) + 1);
  }
  const missed = load<f64>(MISSED) + work;
  // Once: helpers that did not come will not.
  store<f64>(MISSED, missed > WORTH_STARTING ? -Infinity : missed);
  if (missed > WORTH_STARTING) startHelpers();
  return 1;
}

/** Threads that may take part in a job, awake or not: their numbers are below. */
export function seats(): i32 {
  return atomic.load<i32>(LIMIT);
}

/** Computes chunks until none is left. */
function claim(self: i32, scratch: usize): void {
  for (;;) {
    const ticket = atomic.load<i64>(TICKET);
    const left = <u32>ticket;
    // While a job is open the limit stays: who claims a chunk has a number below it.
    if (left == 0 || self >= atomic.load<i32>(LIMIT)) return;
    // Read before the claim: once the last chunk is claimed and done, the leader may write the next job.
    const job = load<i32>(JOB);
    const own = <u32>min(31, self * load<i32>(CHUNKS) / load<i32>(SHARERS));
    const behind = left >> own << own;
    const chunk = <i32>ctz(behind != 0 ? behind : left);
    if (atomic.cmpxchg<i64>(TICKET, ticket, ticket & ~(<i64>1 << chunk)) != ticket) continue;
    if (self > 0) atomic.or<i32>(SEEN, 1 << self);
    call_indirect<void>(job, chunk, self, scratch);
    if (atomic.sub<i32>(PENDING, 1) == 1 && atomic.load<i32>(LEADER_SLEEPS) != 0) atomic.notify(PENDING, 1);
  }
}

/**
 * Runs `job`, the index of a function of a chunk's number, the thread's and its scratch, on chunks 0 to `chunks` - 1, at most
 * {@link MOST_CHUNKS}, and returns when all are done. Its arguments stand at {@link TASK}; `threads` is what {@link sharers}
 * said of `work`.
 */
export function fork(job: i32, chunks: i32, scratch: usize, work: f64, threads: i32): void {
  store<i32>(JOB, job);
  store<i32>(CHUNKS, chunks);
  store<i32>(SHARERS, threads);
  atomic.store<i32>(LEADER_SLEEPS, 0);
  atomic.store<i32>(PENDING, chunks);
  const number = <i64>(atomic.load<i32>(JOB_NUMBER) + 1);
  atomic.store<i64>(TICKET, number << 32 | ((<i64>1 << chunks) - 1));
  // A helper counts itself before it compares the number of the job and sleeps, so none is missed.
  if (work >= WORTH_WAKING && atomic.load<i32>(SLEEPERS) > 0) atomic.notify(JOB_NUMBER, chunks - 1);
  claim(0, scratch);
  join();
  if (atomic.load<i32>(FAILED) != 0) helperFailed();
}

function join(): void {
  for (let spin = 0; spin < LEADER_SPINS; spin++) if (atomic.load<i32>(PENDING) == 0) return;
  atomic.store<i32>(LEADER_SLEEPS, 1);
  let sleeps = 0;
  let before = 0;
  for (;;) {
    const pending = atomic.load<i32>(PENDING);
    if (pending == 0) return;
    sleeps = pending == before ? sleeps + 1 : 0;
    if (sleeps > MOST_SLEEPS) helperFailed();
    before = pending;
    atomic.wait<i32>(PENDING, pending, PATIENCE);
  }
}

/** The life of helper `self` (1, 2, …): returns when the team is closed. */
export function help(self: i32, scratch: usize): void {
  atomic.add<i32>(READY, 1);
  for (;;) {
    const limit = atomic.load<i32>(LIMIT);
    if (limit == CLOSED) break;
    if (self >= limit) {
      atomic.wait<i32>(LIMIT, limit, -1);
      continue;
    }
    const number = atomic.load<i32>(JOB_NUMBER);
    claim(self, scratch);
    let idle = true;
    for (let spin = 0; idle && spin < HELPER_SPINS; spin++) idle = atomic.load<i32>(TICKET) == 0;
    if (!idle) continue;
    atomic.add<i32>(SLEEPERS, 1);
    atomic.wait<i32>(JOB_NUMBER, number, -1);
    atomic.sub<i32>(SLEEPERS, 1);
  }
  atomic.sub<i32>(READY, 1);
}
