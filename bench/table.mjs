// Results on the screen, as rows of a Markdown table that can be pasted.

const HEAD = "| name | config | CPU-s | wall s | floor s | runs | spread |\n|---|---|---|---|---|---|---|\n";
const SIDES =
  "\n| what | kdp | floor | PyTorch plain | PyTorch careful | plain / kdp | careful / kdp |\n|---|---|---|---|---|---|---|\n";

const number = (value) =>
  value === null || Number.isNaN(value)
    ? "–"
    : Number.isInteger(value)
      ? String(value)
      : String(Number(value.toPrecision(3)));
const text = (config) =>
  Object.entries(config)
    .map(([key, value]) => `${key} ${Array.isArray(value) ? value.map(shown).join(" ") : shown(value)}`)
    .join(", ");
const shown = (value) => (typeof value === "number" ? number(value) : value);

export function showRows(results, head) {
  if (head) process.stdout.write(HEAD);
  for (const { name, config, cpuSeconds, wallSeconds, floorSeconds, runs, spread } of results) {
    const cells = [name, text(config), number(cpuSeconds), number(wallSeconds), number(floorSeconds), runs];
    process.stdout.write(`| ${cells.join(" | ")} | ${(100 * spread).toFixed(0)} % |\n`);
  }
}

/** Both sides of each ratio in one row, where there were peers. */
export function showSides(results) {
  const peers = results.filter(({ suite }) => suite === "peers");
  if (peers.length === 0) return;
  process.stdout.write(SIDES);
  for (const { suite, name, config, cpuSeconds, floorSeconds } of results) {
    if (suite === "peers") continue;
    const [plain, careful] = ["plain", "careful"].map((form) =>
      peers.find((peer) => peer.name === name && peer.config.form === form && isOfWidth(peer, config)),
    );
    const label = suite === "eval" ? `${name}, d = ${config.dim}` : name;
    const sides = [plain?.cpuSeconds, careful?.cpuSeconds, plain?.config.ratio, careful?.config.ratio];
    const cells = [label, ...[cpuSeconds, floorSeconds, ...sides].map((value) => number(value ?? null))];
    process.stdout.write(`| ${cells.join(" | ")} |\n`);
  }
}

/** Evaluations come in several widths, epochs in one. */
const isOfWidth = (peer, { dim }) => peer.config.dim === undefined || peer.config.dim === dim;

/** What is no result: progress, and what was left out. */
export const showNote = (line) => process.stderr.write(`${line}\n`);
