import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { MESSAGES } from "../src/diagnostics/messages.js";
import { RUNTIME_CODES } from "../src/diagnostics/runtime-codes.js";
import { compileCase, errorsOf } from "./compile-case.js";

const FOLDER = new URL("../../../docs/codes/", import.meta.url).pathname;
const CODES = { ...MESSAGES, ...RUNTIME_CODES } as const;
type AnyCode = keyof typeof CODES;

const codes = (Object.keys(CODES) as AnyCode[]).sort();
const pageOf = (code: string) => readFileSync(`${FOLDER}${code}.md`, "utf8");
const titleOf = (code: string) => /^# KDP\d{4}: (.+)\n/.exec(pageOf(code))?.[1] ?? "";

/** The text below a heading. */
const sectionOf = (page: string, heading: string) =>
  page.split(/^## /m).find((part) => part.startsWith(`${heading}\n`)) ?? "";

/** The files in the `kdp` blocks of a text; a block without a name is `main.kdp`. */
function filesOf(text: string): ReadonlyMap<string, string> {
  const blocks = text.matchAll(/^```kdp(?: (\S+))?\n([\s\S]*?)^```$/gm);
  return new Map(Array.from(blocks, ([, name = "main.kdp", code = ""]) => [name, code]));
}

const compileSection = (page: string, heading: string) =>
  compileCase({ files: filesOf(sectionOf(page, heading)), options: {} });

const told = (diagnostics: ReturnType<typeof compileCase>["diagnostics"]) =>
  diagnostics.map(({ code, message }) => `${code}: ${message}`);

/** Codes that a host tells, from what is installed or what a device has: their examples compile. */
const HOST = /^KDP(550[23458]|[69])/;

const withExamples = Object.keys(MESSAGES).filter((code) => pageOf(code).includes("\n## Wrong\n"));

describe("pages of the codes", () => {
  it("are one for each code, and no others", () => {
    const pages = readdirSync(FOLDER).filter((name) => name.startsWith("KDP"));
    expect(pages.sort()).toEqual(codes.map((code) => `${code}.md`));
  });

  it("are there for every code that some package tells", () => {
    const packages = new URL("../../", import.meta.url).pathname;
    const told = readdirSync(packages).flatMap((name) => {
      const sources = `${packages}${name}/src`;
      if (!existsSync(sources)) return [];
      const files = readdirSync(sources, { recursive: true, encoding: "utf8" });
      return files
        .filter((file) => file.endsWith(".ts") && !file.endsWith(".test.ts"))
        .flatMap((file) => readFileSync(`${sources}/${file}`, "utf8").match(/(?<=["'`])KDP\d{4}(?=["'`:])/g) ?? []);
    });
    expect(told.length).toBeGreaterThan(codes.length);
    expect([...new Set(told)].filter((code) => !(code in CODES))).toEqual([]);
  });

  it("are listed in the index", () => {
    const rows = codes.map((code) => `| [${code}](${code}.md) | ${CODES[code].severity} | ${titleOf(code)} |`);
    const text = `${INTRODUCTION}\n\n| code | severity | title |\n| --- | --- | --- |\n${rows.join("\n")}\n`;
    if (process.env.UPDATE_BASELINES === "1") writeFileSync(`${FOLDER}README.md`, text);
    expect(readFileSync(`${FOLDER}README.md`, "utf8")).toBe(text);
  });

  it.each(codes)("%s has a title, an explanation, what to do and why", (code) => {
    const page = pageOf(code);
    expect(page).toMatch(new RegExp(`^# ${code}: [A-Z\`].*[^.]\n\n\\S`));
    const headings = [...page.matchAll(/^## (.+)$/gm)].map(([, heading]) => heading);
    expect([
      ["Wrong", "Mended", "Why"],
      ["What you see", "What to do", "Why"],
    ]).toContainEqual(headings);
    for (const heading of headings) expect(sectionOf(page, heading ?? "").length).toBeGreaterThan(heading!.length + 20);
    expect(sectionOf(page, "Wrong") + sectionOf(page, "What you see")).toContain("```");
    expect(page.endsWith("\n") && !page.endsWith("\n\n")).toBe(true);
  });

  it("show the mistake in an example wherever the compiler can see it", () => {
    expect(codes.filter((code) => code in MESSAGES && !HOST.test(code) && !withExamples.includes(code))).toEqual([]);
  });

  it.each(Object.entries(RUNTIME_CODES))("%s is called the same in the table", (code, { title }) => {
    expect(titleOf(code)).toBe(title);
  });
});

describe.each(withExamples)("the examples of %s", (code) => {
  const page = pageOf(code);

  it("show the mistake", () => {
    const { diagnostics } = compileSection(page, "Wrong");
    if (HOST.test(code)) expect(told(errorsOf(diagnostics))).toEqual([]);
    else expect(diagnostics.map((d) => d.code)).toContain(code);
  });

  it("mend it and leave no error or warning", () => {
    const { diagnostics } = compileSection(page, "Mended");
    expect(told(diagnostics.filter((d) => d.code === code || d.severity !== "hint"))).toEqual([]);
  });
});

describe.each(Object.keys(RUNTIME_CODES))("the examples of %s", (code) => {
  it("compile: what is wrong shows only in a run", () => {
    const page = pageOf(code);
    for (const heading of ["Wrong", "Mended", "What to do"]) {
      const files = filesOf(sectionOf(page, heading));
      if (files.size > 0) expect(told(errorsOf(compileCase({ files, options: {} }).diagnostics))).toEqual([]);
    }
  });
});

const INTRODUCTION = `# Codes

Every message of kdp has a code, and every code has a page: what it means, an example that is wrong, the same example mended, and why.
\`kdp explain CODE\` shows the page on a terminal.

The first digit is the family: 0 syntax, 1 names, 2 calls and types, 3 recommender sense, 4 matrix and gates, 5 plugins and project,
6 resources, 7 data, 8 the run, 9 bugs of kdp. The severity of a code can be changed in \`kdp.config.json\`; a comment
\`// kdp-ignore KDP3305: the reason\` silences a warning where it stands.

The pages are the source: the command line shows these files, and a test compiles their examples.`;
