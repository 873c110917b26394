import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";

const packages = join(import.meta.dirname, "..", "packages");

/**
 * Who may import whom at run time, in the order of ARCHITECTURE.md. A package imports only from those named here;
 * libraries are listed where they are a matter of layering (the compiler stays pure, plugins see only the contract).
 */
const MAY_IMPORT: Record<string, { kdp: string[]; libraries: RegExp; node: boolean }> = {
  "plugin-api": { kdp: [], libraries: /^@tensorflow\/tfjs-core$/, node: false },
  dsl: { kdp: ["@kdp/plugin-api"], libraries: /^(chevrotain|@chevrotain\/.*)$/, node: false },
  kernels: { kdp: ["@kdp/plugin-api"], libraries: /^$/, node: true },
  plugins: { kdp: ["@kdp/plugin-api"], libraries: /^(@tensorflow\/tfjs-core)$/, node: false },
  runtime: { kdp: ["@kdp/plugin-api", "@kdp/dsl", "@kdp/kernels"], libraries: /.*/, node: true },
  // tfjs-node is found at run time where the user installed it; it is imported nowhere.
  "device-tensorflow": { kdp: ["@kdp/plugin-api"], libraries: /^@tensorflow\/tfjs-core$/, node: true },
  "device-webgpu": {
    kdp: ["@kdp/plugin-api"],
    libraries: /^(@tensorflow\/tfjs-(core|backend-webgpu)|webgpu)$/,
    node: true,
  },
  cli: { kdp: ["@kdp/plugin-api", "@kdp/dsl", "@kdp/runtime", "@kdp/plugins"], libraries: /.*/, node: true },
};

/** Libraries of which only types may be imported: the code gets its instance handed in. */
const TYPES_ONLY: Record<string, RegExp> = {
  "plugin-api": /^@tensorflow\//,
  plugins: /^@tensorflow\//,
  kernels: /^@kdp\/plugin-api$/,
};

interface Import {
  file: string;
  from: string;
  typeOnly: boolean;
}

function* sourceFiles(folder: string): Generator<string> {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* sourceFiles(path);
    else if (entry.name.endsWith(".ts") && !entry.name.endsWith(".test.ts") && !entry.name.endsWith(".d.ts"))
      yield path;
  }
}

function importsOf(file: string): Import[] {
  const text = readFileSync(file, "utf8").replace(/\/\*[\s\S]*?\*\//g, "");
  const found: Import[] = [];
  for (const match of text.matchAll(/^\s*(import|export)\s+(type\s+)?([^"';]*?from\s+)?["']([^"']+)["']/gm)) {
    found.push({ file, from: match[4] as string, typeOnly: match[2] !== undefined });
  }
  for (const match of text.matchAll(/\bimport\(\s*["']([^"']+)["']\s*\)/g)) {
    found.push({ file, from: match[1] as string, typeOnly: false });
  }
  return found;
}

describe.each(Object.entries(MAY_IMPORT))("packages/%s", (name, rule) => {
  const files = [...sourceFiles(join(packages, name, "src"))];
  const outside = files.flatMap(importsOf).filter((i) => !i.from.startsWith("."));

  it("imports only from the layers below it", () => {
    expect(files.length).toBeGreaterThan(0);
    const wrong = outside.filter(({ from }) => {
      if (from.startsWith("node:")) return !rule.node;
      const packageName = from.startsWith("@") ? from.split("/").slice(0, 2).join("/") : (from.split("/")[0] as string);
      if (packageName.startsWith("@kdp/")) return !rule.kdp.includes(packageName);
      return !rule.libraries.test(packageName);
    });
    expect(wrong.map((i) => `${i.file}: ${i.from}`)).toEqual([]);
  });

  it("takes only types where its code is handed the real thing", () => {
    const pattern = TYPES_ONLY[name];
    const wrong = pattern ? outside.filter((i) => pattern.test(i.from) && !i.typeOnly) : [];
    expect(wrong.map((i) => `${i.file}: ${i.from}`)).toEqual([]);
  });

  it("has no import that leaves the package by a relative path", () => {
    const root = join(packages, name);
    const wrong = files
      .flatMap(importsOf)
      .filter((i) => i.from.startsWith(".") && !join(i.file, "..", i.from).startsWith(root));
    expect(wrong.map((i) => `${i.file}: ${i.from}`)).toEqual([]);
  });

  it("keeps files small", () => {
    const long = files
      .filter((file) => !file.endsWith(".generated.ts"))
      .map((file) => ({ file, lines: readFileSync(file, "utf8").split("\n").length }))
      .filter(({ lines }) => lines > 400);
    expect(long).toEqual([]);
  });

  it("declares every library it imports", () => {
    const manifest = JSON.parse(readFileSync(join(packages, name, "package.json"), "utf8"));
    const declared = new Set(
      Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies, ...manifest.devDependencies }),
    );
    const missing = outside
      .filter(({ from }) => !from.startsWith("node:"))
      .map(({ from }) =>
        from.startsWith("@") ? from.split("/").slice(0, 2).join("/") : (from.split("/")[0] as string),
      )
      .filter((from) => !declared.has(from) && from !== manifest.name);
    expect([...new Set(missing)]).toEqual([]);
  });
});

it("the compiled packages stand where package.json says", () => {
  for (const folder of readdirSync(packages)) {
    const manifest = JSON.parse(readFileSync(join(packages, folder, "package.json"), "utf8"));
    for (const target of Object.values(manifest.exports as Record<string, string>)) {
      expect(existsSync(join(packages, folder, target)), `${manifest.name} ${target}`).toBe(true);
    }
  }
});
