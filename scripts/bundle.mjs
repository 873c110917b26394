// Bundles what the `kdp` command and its workers load, so that they read a few files instead of some three hundred. The
// bundle of a package lies in its own `dist/bundle`, all files side by side, and takes libraries from where that package
// finds them; docs/decisions/0009-bundles.md tells why. Types, plugins and tests use the files of the build.
import { readdirSync, rmSync, statSync } from "node:fs";
import { basename, join } from "node:path";
import { pathToFileURL } from "node:url";
import { rolldown } from "rolldown";
import { root } from "./lib.mjs";

/** Libraries that become part of a bundle: small files by the dozen, or needed at every start. */
const INSIDE = /^(apache-arrow|commander|flatbuffers|picocolors|reflect-metadata|tslib|tsyringe)(\/|$)/;

/** Packages in the order in which they are bundled, with their entries: name in the bundle → module of the build. */
const PACKAGES = {
  dsl: async () => ({ index: "index" }),
  runtime: async (dist) => ({
    index: "index",
    story: "story/index",
    "inspect-source": "data/inspect-source",
    "read-file-tables": "data/files/read-file-tables",
    "worker-main": "worker/main",
    ...(await stagesOf(dist)),
  }),
  cli: async () => ({ main: "main" }),
};

/** Modules that a worker loads by the stage of its node. */
async function stagesOf(dist) {
  const { runtimeStages } = await import(pathToFileURL(join(dist, "stages/registry.js")).href);
  const names = Object.values(runtimeStages).map((url) => basename(url, ".js"));
  return Object.fromEntries(names.map((name) => [`stages-${name}`, `stages/${name}`]));
}

async function bundle() {
  for (const [name, entriesOf] of Object.entries(PACKAGES)) {
    const dist = join(root, "packages", name, "dist");
    const input = Object.fromEntries(
      Object.entries(await entriesOf(dist)).map(([entry, module]) => [entry, join(dist, `${module}.js`)]),
    );
    const build = await rolldown({ input, cwd: join(root, "packages", name), platform: "node", plugins: [libraries] });
    const { output } = await build.write({
      dir: join(dist, "bundle"),
      format: "esm",
      sourcemap: true,
      // They would be read at each start; the files of the build keep them.
      comments: false,
      entryFileNames: "[name].js",
      chunkFileNames: "[name]-[hash].js",
    });
    await build.close();
    forgetOld(join(dist, "bundle"), new Set(output.map(({ fileName }) => fileName)));
  }
}

const DAY_MS = 86_400_000;

/** Removes files of earlier bundles, but not at once: a run that started from one still loads some of them. */
function forgetOld(folder, current) {
  for (const name of readdirSync(folder)) {
    if (current.has(name) || statSync(join(folder, name)).mtimeMs > Date.now() - DAY_MS) continue;
    rmSync(join(folder, name));
  }
}

/** Decides of every import of a package whether it is part of the bundle, and leads those of kdp's own to their bundles. */
const libraries = {
  name: "kdp-libraries",
  resolveId(id, importer) {
    if (importer === undefined || /^[./]|^[A-Za-z]:[\\/]/.test(id) || INSIDE.test(id)) return null;
    return { id: bundled(id) ?? id, external: true };
  },
  // It must find the metadata there when it is loaded, whichever file of the bundle that is in.
  transform(code, id) {
    const isTsyringe = /[\\/]tsyringe[\\/]dist[\\/]cjs[\\/]index\.js$/.test(id);
    return isTsyringe ? { code: `require("reflect-metadata");${code}`, map: null } : null;
  },
};

function bundled(id) {
  const [, name, entry = "index"] = /^@kdp\/(dsl|runtime)(?:\/(.+))?$/.exec(id) ?? [];
  return name === undefined ? null : `@kdp/${name}/bundle/${entry}`;
}

await bundle();
