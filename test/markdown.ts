import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";

export const ROOT = join(import.meta.dirname, "..");

/** A fenced block of a page. */
export interface Fence {
  /** Page and line, for the names of tests. */
  readonly place: string;
  readonly language: string;
  /** What follows the language: `wrong KDP2210`, `file teachers.kdp`. */
  readonly words: readonly string[];
  readonly text: string;
  /** Path of `<!-- file: path -->` directly above: the block must be that file. */
  readonly file: string | null;
}

interface Page {
  readonly path: string;
  /** Relative to the repository. */
  readonly name: string;
  readonly text: string;
  readonly fences: readonly Fence[];
  /** Targets of relative links, without their anchors. */
  readonly links: readonly string[];
  /** Anchors that links point to, with the page they are in (itself or another one). */
  readonly anchors: readonly { readonly page: string; readonly anchor: string }[];
}

function* filesIn(folder: string, ending: string): Generator<string> {
  for (const entry of readdirSync(join(ROOT, folder), { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* filesIn(path, ending);
    else if (entry.name.endsWith(ending)) yield path;
  }
}

export const pipelineFiles = (): string[] => [...filesIn("pipelines", ".kdp")];

const ROOT_PAGES: readonly string[] = ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md"];

/** All pages of the repository's own root, docs and pipelines. The pages of codes have a test of their own for their blocks. */
export const pages = (): Page[] =>
  [...ROOT_PAGES, ...filesIn("docs", ".md"), ...filesIn("pipelines", ".md")].map(readPage);

function readPage(name: string): Page {
  const path = join(ROOT, name);
  const text = readFileSync(path, "utf8");
  const prose = text.replace(/^```[\s\S]*?^```/gm, "").replace(/`[^`\n]*`/g, "");
  const targets = [...prose.matchAll(/\]\(([^)\s]+)\)/g)]
    .map((match) => match[1] as string)
    .filter((target) => !/^[a-z]+:/.test(target));
  const split = targets.map((target) => {
    const [file = "", anchor] = target.split("#");
    return { page: file === "" ? path : join(dirname(path), file), anchor };
  });
  return {
    path,
    name,
    text,
    fences: [...fencesOf(name, text)],
    links: split.map(({ page }) => relative(ROOT, page)),
    anchors: split.flatMap(({ page, anchor }) => (anchor ? [{ page, anchor }] : [])),
  };
}

function* fencesOf(name: string, text: string): Generator<Fence> {
  for (const match of text.matchAll(/(?:<!-- file: (\S+) -->\n)?^```([^\n]*)\n([\s\S]*?)^```$/gm)) {
    const [, file, info = "", body = ""] = match;
    const [language = "", ...words] = info.trim().split(/\s+/);
    const line = text.slice(0, match.index).split("\n").length;
    yield { place: `${name}:${line}`, language, words, text: body, file: file ?? null };
  }
}

/** Anchors of a page's headings, as they are made on the web. */
export function headingAnchors(page: string): string[] {
  const text = readFileSync(page, "utf8").replace(/^```[\s\S]*?^```/gm, "");
  return [...text.matchAll(/^#+ +(.+)$/gm)].map((match) =>
    (match[1] as string)
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, "")
      .trim()
      .replaceAll(" ", "-"),
  );
}
