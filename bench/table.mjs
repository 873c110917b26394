// Results on the screen, as rows of a Markdown table that can be pasted.

const HEAD = "| name | config | CPU-s | wall s | floor s | runs | spread |\n|---|---|---|---|---|---|---|\n";

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

/** What is no result: progress, and what was left out. */
export const showNote = (line) => process.stderr.write(`${line}\n`);
