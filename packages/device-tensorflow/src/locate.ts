import { existsSync, readdirSync, readFileSync, realpathSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, parse } from "node:path";

export const CPU_PACKAGE = "@tensorflow/tfjs-node";
export const GPU_PACKAGE = "@tensorflow/tfjs-node-gpu";

/** Where the build script puts the package unless it is told otherwise, from the project's root. */
export const DEFAULT_FOLDER = join(".kdp", "tensorflow");

/** An installed tfjs-node, complete or not. */
export interface Installed {
  readonly name: typeof CPU_PACKAGE | typeof GPU_PACKAGE;
  /** Folder of the package. */
  readonly home: string;
  /** The searched folder from which Node resolves it. */
  readonly from: string;
  readonly version: string;
  /** The built addon, if there is one that this Node can load. */
  readonly addon: string | null;
  /** The TensorFlow library that the addon links to, if there is one. */
  readonly library: string | null;
  /** Version of that library as far as files tell; null when they don't. */
  readonly libraryVersion: string | null;
}

/**
 * Folders whose `node_modules` may hold tfjs-node, first choice first: the one that `KDP_TENSORFLOW` names and no other if it
 * is set; else the working folder (and, as Node resolves, those above it), where the build script puts it, and this package's own.
 */
export function searchFolders(environment: NodeJS.ProcessEnv = process.env, workingFolder = process.cwd()): string[] {
  const named = environment.KDP_TENSORFLOW;
  if (named) return [named];
  const folders = [workingFolder];
  for (let folder = workingFolder; ; folder = dirname(folder)) {
    const built = join(folder, DEFAULT_FOLDER);
    if (existsSync(built)) folders.push(built);
    if (folder === parse(folder).root) break;
  }
  return [...folders, import.meta.dirname];
}

/** The first installation of a package in the folders; null when there is none. */
export function locate(name: Installed["name"], folders: readonly string[]): Installed | null {
  for (const folder of folders) {
    const manifestFile = resolved(folder, `${name}/package.json`);
    if (manifestFile === null) continue;
    const home = dirname(manifestFile);
    const { version } = JSON.parse(readFileSync(manifestFile, "utf8")) as { version: string };
    const library = findLibrary(home);
    return {
      name,
      home,
      from: folder,
      version,
      addon: findAddon(home),
      library,
      libraryVersion: versionOf(home, library),
    };
  }
  return null;
}

function resolved(folder: string, request: string): string | null {
  try {
    return createRequire(join(folder, "package.json")).resolve(request);
  } catch {
    return null;
  }
}

const entries = (folder: string): string[] => (existsSync(folder) ? readdirSync(folder) : []);

/** The addon of the newest Node-API that this Node speaks: `lib/napi-v8/tfjs_binding.node`. */
function findAddon(home: string): string | null {
  const spoken = Number(process.versions.napi);
  const versions = entries(join(home, "lib"))
    .map((name) => Number(/^napi-v(\d+)$/.exec(name)?.[1]))
    .filter((version) => version <= spoken)
    .sort((a, b) => b - a);
  const files = versions.map((version) => join(home, "lib", `napi-v${version}`, "tfjs_binding.node"));
  return files.find((file) => existsSync(file)) ?? null;
}

/** `libtensorflow.so` or `.so.2`, `libtensorflow.2.dylib`, or on Windows the DLL that lies beside the addon. */
function findLibrary(home: string): string | null {
  const folders = [join(home, "deps", "lib"), ...entries(join(home, "lib")).map((name) => join(home, "lib", name))];
  for (const folder of folders) {
    // `existsSync` follows links, so that a link to nothing is no library.
    const name = entries(folder)
      .sort()
      .find((file) => /^(libtensorflow\.(so|dylib|\d)|tensorflow\.dll)/.test(file) && existsSync(join(folder, file)));
    if (name) return join(folder, name);
  }
  return null;
}

/** The published library carries its version in its file name, a wheel's in its headers. */
function versionOf(home: string, library: string | null): string | null {
  if (library === null) return null;
  const named = /\.(\d+\.\d+\.\d+)(\.dylib)?$/.exec(realpathSync(library))?.[1];
  if (named) return named;
  const header = join(home, "deps", "include", "tensorflow", "core", "public", "version.h");
  if (!existsSync(header)) return null;
  const text = readFileSync(header, "utf8");
  const parts = ["MAJOR", "MINOR", "PATCH"].map(
    (part) => new RegExp(`define TF_${part}_VERSION (\\d+)`).exec(text)?.[1],
  );
  return parts.every((part) => part !== undefined) ? parts.join(".") : null;
}
