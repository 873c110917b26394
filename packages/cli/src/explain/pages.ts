import { existsSync, readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** Where the pages are: beside the program in an installed package, in `docs/` of a clone. */
const PLACES = ["../../codes/", "../../../../docs/codes/"] as const;

export interface CodePage {
  readonly code: string;
  readonly title: string;
  /** The whole page. */
  readonly markdown: string;
}

/** Codes that have a page, sorted. */
export function explainedCodes(): readonly string[] {
  const folder = pagesFolder();
  if (folder === null) return [];
  return readdirSync(folder)
    .flatMap((name) => /^(KDP\d{4})\.md$/.exec(name)?.[1] ?? [])
    .sort();
}

/** The page of a code, or null. */
export function codePage(code: string): CodePage | null {
  const folder = pagesFolder();
  if (folder === null || !/^KDP\d{4}$/.test(code)) return null;
  const file = `${folder}${code}.md`;
  if (!existsSync(file)) return null;
  const markdown = readFileSync(file, "utf8");
  const title = /^# (?:KDP\d{4}: )?(.+)$/m.exec(markdown)?.[1] ?? code;
  return { code, title, markdown };
}

function pagesFolder(): string | null {
  return (
    PLACES.map((place) => fileURLToPath(new URL(place, import.meta.url))).find((place) => existsSync(place)) ?? null
  );
}

/** `2204`, `kdp2204` and `KDP2204` are one code. */
export function normaliseCode(text: string): string {
  const digits = /^(?:kdp)?(\d{4})$/i.exec(text.trim())?.[1];
  return digits === undefined ? text.trim().toUpperCase() : `KDP${digits}`;
}
