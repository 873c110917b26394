import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { type CompileOptions, type CompileResult, compile } from "../packages/dsl/dist/index.js";
import type { PluginManifest } from "../packages/plugin-api/dist/index.js";
import { type Fence, headingAnchors, pages, pipelineFiles, ROOT } from "./markdown.js";
import { optionsIn, quotedCommands } from "./quoted.js";

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

  it("the picture of the README is what kdp graph draws", () => {
    const bin = join(ROOT, "packages/cli/bin/kdp.js");
    const drawn = execFileSync(process.execPath, [bin, "graph", "pipelines/compress.kdp", "--format", "svg"], {
      cwd: ROOT,
    });
    expect(drawn.toString("utf8")).toBe(readFileSync(join(ROOT, "docs/images/compress.svg"), "utf8"));
  });

  it("of defaults are those of the manifests", () => {
    execFileSync(process.execPath, [join(ROOT, "scripts/write-defaults.mjs"), "--check"], { stdio: "pipe" });
  });
});

/** Text of a command's help. */
const helps = new Map<string, string>();
function help(...command: string[]): string {
  const known = helps.get(command.join(" "));
  if (known !== undefined) return known;
  const bin = join(ROOT, "packages/cli/bin/kdp.js");
  const text = execFileSync(process.execPath, [bin, ...command, "--help"], { encoding: "utf8" });
  helps.set(command.join(" "), text);
  return text;
}
const commandsOf = (text: string): string[] => {
  const list = /^Commands:\n([\s\S]*?)\n\n/m.exec(text)?.[1] ?? "";
  return [...list.matchAll(/^ {2}(\w+)/gm)].map((match) => match[1] as string).filter((name) => name !== "help");
};
const optionsOf = (text: string): string[] =>
  [...text.matchAll(/^ {2}(?:-\w, )?(--[\w-]+)/gm)].map((match) => match[1] as string);

describe("docs/cli.md", () => {
  const page = readFileSync(join(ROOT, "docs/cli.md"), "utf8");

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

describe("commands that pages quote", () => {
  const quoted = documented.flatMap(({ name, text, fences }) => quotedCommands(name, text, fences));
  const { scripts } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as {
    readonly scripts: Readonly<Record<string, string>>;
  };

  /** What is wrong with a command, or null. */
  function wrongWith([program, first = "", ...rest]: readonly string[]): string | null {
    if (program === "npm") {
      const script = first === "run" ? (rest[0] ?? "") : first;
      if (["install", "ci", "create", "pack", "rebuild"].includes(script)) return null;
      return script in scripts ? null : `package.json has no script ${script}`;
    }
    if (first.startsWith("--") || /\W/.test(first)) return null;
    if (!commandsOf(help()).includes(first)) return `kdp has no command ${first}`;
    const command = first === "cache" && /^\w+$/.test(rest[0] ?? "") ? [first, rest[0] as string] : [first];
    if (command.length > 1 && !commandsOf(help("cache")).includes(command[1] as string))
      return `no ${command.join(" ")}`;
    const known = optionsOf(help(...command));
    const unknown = optionsIn(rest).filter((option) => !known.includes(option));
    if (unknown.length > 0) return `kdp ${command.join(" ")} has no ${unknown.join(", ")}`;
    const files = rest.filter((word) => /^pipelines\/.*\.kdp$/.test(word) && !existsSync(join(ROOT, word)));
    return files.length === 0 ? null : `no file ${files.join(", ")}`;
  }

  it("are there", () => expect(quoted.length).toBeGreaterThan(60));

  it("exist, with their options and files", () => {
    const wrong = quoted
      .map(({ place, words }) => ({ place, why: wrongWith(words) }))
      .filter(({ why }) => why !== null);
    expect(wrong).toEqual([]);
  }, 120_000);

  it("are told when they do not", () => {
    expect(wrongWith(["kdp", "rum", "a.kdp"])).toBe("kdp has no command rum");
    expect(wrongWith(["kdp", "run", "a.kdp", "--outt", "x"])).toBe("kdp run has no --outt");
    expect(wrongWith(["kdp", "cache", "purge"])).toBe("no cache purge");
    expect(wrongWith(["kdp", "check", "pipelines/none.kdp"])).toBe("no file pipelines/none.kdp");
    expect(wrongWith(["npm", "run", "nothing"])).toBe("package.json has no script nothing");
  });
});

describe("what there is, is told", () => {
  const text = (name: string): string => readFileSync(join(ROOT, name), "utf8");
  const names = Object.keys(library[0]?.stages ?? {});
  const tables = (page: string): string =>
    page
      .split("\n")
      .filter((line) => line.startsWith("|"))
      .join("\n");

  it.each([
    ["README.md", ["README.md"]],
    ["docs by hand", ["docs/methods.md", "docs/data.md", "docs/report.md"]],
  ])("%s: every stage of the library is in a table or heading", (_, hands) => {
    expect(names.length).toBeGreaterThan(40);
    const told = hands.map((page) => `${tables(text(page))}\n${text(page).match(/^#.*$/gm)?.join("\n")}`).join("\n");
    expect(names.filter((name) => !new RegExp(`\\b${name}\\b`).test(told))).toEqual([]);
  });

  it("docs/README.md has a line for every page", () => {
    const index = text("docs/README.md");
    const expected = all
      .map(({ name }) => name)
      .filter((name) => /^docs\/[\w-]+\.md$/.test(name) && name !== "docs/README.md")
      .map((name) => name.replace("docs/", ""));
    expect(expected.filter((name) => !index.includes(`](${name})`))).toEqual([]);
  });

  it.each(["best", "papers"])("pipelines/%s/README.md has a row for every pipeline beside it", (folder) => {
    const place = `pipelines/${folder}/`;
    const files = pipelineFiles().flatMap((file) => (file.startsWith(place) ? file.slice(place.length) : []));
    expect(files.length).toBeGreaterThan(0);
    const told = tables(text(`${place}README.md`));
    expect(files.filter((file) => !told.includes(`\`${file}\``))).toEqual([]);
  });

  it("README.md leads to every page of docs/README.md", () => {
    const linked = all.find(({ name }) => name === "README.md")?.links ?? [];
    const index = all.find(({ name }) => name === "docs/README.md")?.links ?? [];
    expect(index.length).toBeGreaterThan(9);
    expect(index.filter((link) => link.startsWith("docs/") && !linked.includes(link))).toEqual([]);
  });

  it.each(["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md"])("%s names paths that exist", (page) => {
    const spans = [...text(page).matchAll(/`((?:packages|docs|test|scripts|pipelines|bench)\/[\w./-]*)`/g)];
    const paths = spans.map((match) => match[1] as string).filter((path) => !path.includes("..") && !/NNNN/.test(path));
    expect(paths.length).toBeGreaterThan(1);
    expect(paths.filter((path) => !existsSync(join(ROOT, path)))).toEqual([]);
  });
});
