// The same epochs in PyTorch, run in the same session when KDP_PEERS_PYTHON names a Python with torch and numpy.
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { mean, spreadOf } from "./harness.mjs";
import { userError } from "./setup/errors.mjs";
import { ANNEALED, SAMPLED_EPOCHS } from "./setup/methods.mjs";

const SCRIPT = fileURLToPath(new URL("peers/epoch.py", import.meta.url));

/** Results of suite `peers`, named as ours, with the form and our share of their time in `config`. */
export async function* peerResults({ files, ours, quick, note }) {
  // Nothing was measured that has a peer.
  if (ours.size === 0) return;
  const python = process.env.KDP_PEERS_PYTHON;
  if (!python) {
    note("KDP_PEERS_PYTHON is not set: PyTorch was not measured beside");
    return;
  }
  const args = Object.entries(files).flatMap(([part, file]) => [`--${part}`, file]);
  args.push("--methods", [...ours.keys()].join(","), ...(quick ? ["--quick"] : []));
  for await (const line of linesOf(python, args)) {
    const row = JSON.parse(line);
    const sampled = isSampled(row);
    const mine = sameEpochs(ours.get(row.name), row);
    yield {
      suite: "peers",
      name: row.name,
      config: {
        form: row.form,
        torch: row.torch,
        threads: row.threads,
        kdpCpuSecondsOfTheseEpochs: mine,
        ratio: row.cpuSeconds / mine,
        epochCpuSeconds: row.runs,
      },
      cpuSeconds: row.cpuSeconds,
      // Of a few steps only where the epoch was sampled: no figure to set beside an epoch's.
      wallSeconds: sampled ? null : row.wallSeconds / row.runs.length,
      floorSeconds: null,
      runs: row.runs.length,
      spread: spreadOf(row.runs, row.cpuSeconds),
    };
  }
}

/** Epochs of which epoch.py times a share of the steps. */
const isSampled = ({ name, form }) => ANNEALED.has(name) || (name === "ftd" && form === "plain");

/** Epochs of an annealed run that epoch.py measures, by how many there are. */
const PEER_EPOCHS = { 3: [1, 51, 91], 10: SAMPLED_EPOCHS };

/** Our CPU-seconds over the epochs that the peer measured: at τ = 1 an epoch costs ten times a late one. */
function sameEpochs({ cpuSeconds, config }, { name, runs }) {
  if (!ANNEALED.has(name)) return cpuSeconds;
  const epochs = PEER_EPOCHS[runs.length];
  if (!epochs)
    throw new Error(`bench/peers measured ${runs.length} epochs of ${name}, which none of ours stand beside`);
  return mean(epochs.map((epoch) => config.epochCpuSeconds[config.epochs.indexOf(epoch)]));
}

async function* linesOf(python, args) {
  const child = spawn(python, [SCRIPT, ...args], { stdio: ["ignore", "pipe", "inherit"] });
  const ended = new Promise((resolve) => {
    child.once("error", (error) => resolve(error.message));
    child.once("close", (code) => resolve(code === 0 ? null : `it exited with ${code}`));
  });
  yield* createInterface({ input: child.stdout });
  const failure = await ended;
  if (failure !== null) throw userError(`KDP_PEERS_PYTHON=${python} did not run bench/peers: ${failure}`);
}
