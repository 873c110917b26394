/** A command of a page and what the page says that it prints. */
export interface Exchange {
  readonly command: string;
  readonly output: readonly string[];
}

/** The commands of a ```console block: lines that begin with `$`, and the lines up to the next one. */
export function exchangesOf(block: string): Exchange[] {
  const exchanges: { command: string; output: string[] }[] = [];
  for (const line of block.trimEnd().split("\n")) {
    if (line.startsWith("$ ")) exchanges.push({ command: line.slice(2), output: [] });
    else if (exchanges.length === 0) throw new Error(`output before a command: ${line}`);
    else exchanges.at(-1)?.output.push(line);
  }
  return exchanges;
}

/** What differs from machine to machine and with the last digit of a kernel: numbers, times, sizes, keys, names of runs. */
const MASKS: readonly (readonly [RegExp, string])[] = [
  [/\d{8}T\d{6}-[0-9a-f]{6}/g, "RUN"],
  [/\b[0-9a-f]{12}\b/g, "KEY"],
  [/~?\d+(\.\d+)? (min( \d+ s)?|ms|s)\b/g, "TIME"],
  [/\d+(\.\d+)? ([KMGT]?B)\b/g, "SIZE"],
  [/\d{4}-\d\d-\d\d \d\d:\d\d/g, "DATE"],
  [/[+−-]?\d+(\.\d+)?(e-\d+)?/g, "#"],
  [/p [<#] ?#?/g, "p"],
  [/\s+/g, " "],
];

const masked = (line: string): string =>
  MASKS.reduce((text, [pattern, word]) => text.replace(pattern, word), line).trim();

/**
 * The first line of `expected` that `actual` does not have in its place, or null. A line that is `…` stands for any number of
 * lines. Empty lines do not count.
 */
export function firstDifference(expected: readonly string[], actual: readonly string[]): string | null {
  const said = actual.map(masked).filter((line) => line !== "");
  let at = 0;
  let skipping = false;
  for (const line of expected) {
    const wanted = masked(line);
    if (wanted === "…") skipping = true;
    if (wanted === "…" || wanted === "") continue;
    const found = skipping ? said.indexOf(wanted, at) : said[at] === wanted ? at : -1;
    if (found < 0) return `${line}\n  but there: ${skipping ? "(nowhere)" : (said[at] ?? "(the end)")}`;
    at = found + 1;
    skipping = false;
  }
  return skipping || at === said.length ? null : `(the end)\n  but there: ${said[at]}`;
}
