import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { type CompileOptions, type CompileResult, compile } from "../packages/dsl/dist/index.js";
import type { PluginManifest } from "../packages/plugin-api/dist/index.js";
import { type Fence, headingAnchors, pages, pipelineFiles, ROOT } from "./markdown.js";

const manifest = (path: string): PluginManifest => JSON.parse(readFileSync(join(ROOT, path), "utf8"));
const library = [manifest("packages/plugins/dist/kdp.manifest.json")];
const example = manifest("packages/plugins/test/fixtures/example-plugin/kdp.manifest.json");

const all = pages();
const documented = all.filter(({ name }) => !name.startsWith("docs/codes/"));
const blocks = documented.flatMap(({ fences }) => fences.filter(({ language }) => language === "kdp"));
/** Blocks that other blocks may import, by the name after `file`. */
const named = new Map(blocks.filter(({ words }) => words[0] === "file").map((block) => [block.words[1], block.text]));

const options: CompileOptions = {
  library,
  requireParams: false,
  resolvePlugin: ({ name }) =>
    name === example.name
      ? { ok: true, manifest: example }
      : { ok: false, code: "KDP5501", message: `the plugin "${name}" is not installed here` },
  readImport: (path) => {
    const text = named.get(path.replace(/^\.\//, ""));
    return text === undefined ? null : { file: path, text };
  },
};

/** What a block that is the inside of a pipeline may take for granted, as `docs/language.md` says. */
const GIVEN: readonly (readonly [name: string, statement: string])[] = [
  ["split", 'let split = dataset("ratings.tsv", min_interactions: 5) -> leave_one_out(seed: 0)'],
  ["teacher", "let teacher = split.train -> bprmf(dim: 64)"],
  ["student", "let student = bprmf(dim: 8, seed: 1)"],
  ["plain", "let plain = split.train -> student"],
  ["kd", "let kd = teacher -> distill(listwise, relational) -> student"],
  ["scores", "let scores = [plain: plain, kd: kd] -> each evaluate(on: split.test, metrics: [recall@50, ndcg@10])"],
];

const isFile = (text: string): boolean => /^\s*(kdp|use|import|stage|pipeline)\s/m.test(text);

function asFile(text: string): string {
  if (isFile(text)) return text;
  const given = GIVEN.filter(([name]) => !new RegExp(`^\\s*let ${name}\\b`, "m").test(text));
  return `kdp 1\n\npipeline example {\n${given.map(([, statement]) => `  ${statement}\n`).join("")}${text}\n}\n`;
}

const compileBlock = ({ text, place }: Fence): CompileResult => compile({ file: place, text: asFile(text) }, options);

const told = ({ diagnostics }: CompileResult, severities: readonly string[]): string[] =>
  diagnostics.filter(({ severity }) => severities.includes(severity)).map(({ code, message }) => `${code}: ${message}`);

describe("kdp blocks of the documentation", () => {
  it("are there", () => expect(blocks.length).toBeGreaterThan(15));

  it.each(blocks.filter(({ words }) => words[0] !== "wrong"))("$place compiles", (block) => {
    const result = compileBlock(block);
    expect(told(result, ["error"])).toEqual([]);
    // A whole pipeline is copied as it is: it should not greet its reader with warnings. Hints are advice.
    if (isFile(block.text)) expect(told(result, ["warning"])).toEqual([]);
    if (result.pipelines.length === 1) expect(result.plan).not.toBeNull();
  });

  it.each(blocks.filter(({ words }) => words[0] === "wrong"))("$place is told what is wrong", (block) => {
    const [, code] = block.words;
    expect(code).toMatch(/^KDP\d{4}$/);
    expect(compileBlock(block).diagnostics.map((diagnostic) => diagnostic.code)).toContain(code);
  });

  it.each(blocks.filter(({ words }) => words.length > 0))("$place is marked as this test knows it", ({ words }) => {
    expect(["wrong", "file"]).toContain(words[0]);
  });
});

describe("pipelines", () => {
  const files = pipelineFiles();

  it("are there", () => expect(files.length).toBeGreaterThan(5));

  it.each(files)("%s checks clean", (file) => {
    const path = join(ROOT, file);
    const result = compile(
      { file: path, text: readFileSync(path, "utf8") },
      {
        ...options,
        readImport: (from, fromFile) => {
          const imported = resolve(dirname(fromFile), from);
          return existsSync(imported) ? { file: imported, text: readFileSync(imported, "utf8") } : null;
        },
      },
    );
    expect(told(result, ["error", "warning", "hint"])).toEqual([]);
  });
});

describe("pages", () => {
  it.each(all)("$name has no dead link", ({ links, anchors }) => {
    expect(links.filter((link) => !existsSync(join(ROOT, link)))).toEqual([]);
    const dead = anchors.filter(({ page, anchor }) => page.endsWith(".md") && !headingAnchors(page).includes(anchor));
    expect(dead.map(({ anchor }) => anchor)).toEqual([]);
  });

  const shown = documented.flatMap(({ fences }) => fences.filter(({ file }) => file !== null));

  it.each(shown)("$place shows $file as it is", ({ file, text }) => {
    expect(text).toBe(readFileSync(join(ROOT, String(file)), "utf8"));
  });

  it("of defaults are those of the manifests", () => {
    execFileSync(process.execPath, [join(ROOT, "scripts/write-defaults.mjs"), "--check"], { stdio: "pipe" });
  });
});

describe("docs/cli.md", () => {
  const page = readFileSync(join(ROOT, "docs/cli.md"), "utf8");
  const help = (...command: string[]): string =>
    execFileSync(process.execPath, [join(ROOT, "packages/cli/bin/kdp.js"), ...command, "--help"], { encoding: "utf8" });
  const commandsOf = (text: string): string[] => {
    const list = /^Commands:\n([\s\S]*?)\n\n/m.exec(text)?.[1] ?? "";
    return [...list.matchAll(/^ {2}(\w+)/gm)].map((match) => match[1] as string).filter((name) => name !== "help");
  };
  const optionsOf = (text: string): string[] =>
    [...text.matchAll(/^ {2}(?:-\w, )?(--[\w-]+)/gm)].map((match) => match[1] as string);

  it("tells every command and every option that the help tells", () => {
    const commands = commandsOf(help());
    expect(commands).toContain("run");
    const inner = commandsOf(help("cache")).map((name) => ["cache", name]);
    const missing = [...commands.map((name) => [name]), ...inner].flatMap((command) => [
      ...(page.includes(`kdp ${command.join(" ")}`) ? [] : [command.join(" ")]),
      ...optionsOf(help(...command)).filter((option) => option !== "--help" && !page.includes(option)),
    ]);
    expect(missing).toEqual([]);
  }, 120_000);
});
