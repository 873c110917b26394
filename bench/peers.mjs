// The same work in PyTorch, right beside ours in the same session, when KDP_PEERS_PYTHON names a Python with torch and numpy.
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { mean, spreadOf } from "./harness.mjs";
import { userError } from "./setup/errors.mjs";

/**
 * The peers of a suite.
 * @param options.script the file of bench/peers that measures them
 * @param options.files train, valid and test of the split
 */
export function createPeers({ script, files, quick, note }) {
  const python = process.env.KDP_PEERS_PYTHON;
  if (!python) note("KDP_PEERS_PYTHON is not set: PyTorch is not measured beside");
  const path = fileURLToPath(new URL(`peers/${script}`, import.meta.url));
  const shared = [path, ...Object.entries(files).flatMap(([part, file]) => [`--${part}`, file])];
  if (quick) shared.push("--quick");
  return {
    /** Results of suite `peers`, one a form, named as ours, with our share of their time in `config`. */
    async *beside(ours, args) {
      if (!python) return;
      for await (const line of linesOf(python, [...shared, ...args])) yield resultOf(ours, JSON.parse(line));
    },
  };
}

function resultOf(ours, { name, form, cpuSeconds, wallSeconds, runs, torch, threads, epochs, steps, dim }) {
  const mine = sameEpochs(ours, epochs);
  return {
    suite: "peers",
    name,
    config: {
      form,
      torch,
      threads,
      ...(dim ? { dim } : {}),
      ...(steps ? { measuredSteps: steps } : {}),
      kdpCpuSecondsOfTheSame: mine,
      ratio: cpuSeconds / mine,
      runCpuSeconds: runs,
    },
    cpuSeconds,
    // Of a few steps only where the epoch was sampled: no figure to set beside an epoch's.
    wallSeconds: steps ? null : wallSeconds / runs.length,
    floorSeconds: null,
    runs: runs.length,
    spread: spreadOf(runs, cpuSeconds),
  };
}

/** Our CPU-seconds over the epochs that the peer measured: at τ = 1 an epoch costs ten times a late one. */
function sameEpochs({ cpuSeconds, config }, epochs) {
  if (!config.epochCpuSeconds) return cpuSeconds;
  const places = epochs.map((epoch) => config.epochs.indexOf(epoch));
  if (places.includes(-1)) throw new Error(`bench/peers measured epochs ${epochs}, which none of ours stand beside`);
  return mean(places.map((place) => config.epochCpuSeconds[place]));
}

async function* linesOf(python, args) {
  const child = spawn(python, args, { stdio: ["ignore", "pipe", "inherit"] });
  const ended = new Promise((resolve) => {
    child.once("error", (error) => resolve(error.message));
    child.once("close", (code) => resolve(code === 0 ? null : `it exited with ${code}`));
  });
  yield* createInterface({ input: child.stdout });
  const failure = await ended;
  if (failure !== null) throw userError(`KDP_PEERS_PYTHON=${python} did not run bench/peers: ${failure}`);
}
