// Set-up shared by `npm start`, `npm test` and `npm run build`: no global install, no corepack, no network when up to date.
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export const root = dirname(dirname(fileURLToPath(import.meta.url)));
const stamps = join(root, "node_modules", ".kdp-setup");
const [major, minor] = process.versions.node.split(".").map(Number);

/** Runs a command with its output shown; exits with its code when it fails. */
export function run(command, args, options = {}) {
  try {
    execFileSync(command, args, { cwd: root, stdio: "inherit", ...options });
  } catch (error) {
    process.exit(typeof error.status === "number" ? error.status : 1);
  }
}

export function requireNode() {
  if (major > 20 || (major === 20 && minor >= 19)) return;
  process.stderr.write(`kdp needs Node 20.19 or later; this is ${process.version}.\n`);
  process.exit(2);
}

const digest = (parts) => {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(part);
  return hash.digest("hex");
};

const stampPath = (name) => join(stamps, name);
const isCurrent = (name, value) => existsSync(stampPath(name)) && readFileSync(stampPath(name), "utf8") === value;
function stamp(name, value) {
  mkdirSync(stamps, { recursive: true });
  writeFileSync(stampPath(name), value);
}

const manifests = () =>
  ["package.json", "pnpm-workspace.yaml", "pnpm-lock.yaml"]
    .concat(packageFolders().map((folder) => `packages/${folder}/package.json`))
    .map((file) => readFileSync(join(root, file)));

export const packageFolders = () =>
  readdirSync(join(root, "packages")).filter((name) => existsSync(join(root, "packages", name, "package.json")));

/** Installs the locked dependencies unless they already stand. */
export function install() {
  const want = digest(manifests());
  if (isCurrent("install", want)) return;
  const { packageManager } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  run("npx", ["-y", packageManager, "install", "--frozen-lockfile", "--prefer-offline"], {
    shell: process.platform === "win32",
  });
  stamp("install", want);
}

function* sources(folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (entry.name === "dist" || entry.name === "node_modules" || entry.name.endsWith(".tsbuildinfo")) continue;
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* sources(path);
    else {
      const { size, mtimeMs } = statSync(path);
      yield `${path}:${size}:${mtimeMs}\n`;
    }
  }
}

/** Compiles every package unless nothing changed since the last build, and bundles those that changed since. */
export function build() {
  const want = digest([...sources(join(root, "packages")), readFileSync(join(root, "tsconfig.base.json"))]);
  if (!isCurrent("build", want) || !packageFolders().every(isBuilt)) {
    run(process.execPath, [join(root, "packages/kernels/scripts/build.mjs")]);
    run(process.execPath, [join(root, "node_modules/typescript/bin/tsc"), "-b"]);
    run(process.execPath, [join(root, "packages/plugins/scripts/write-manifest.mjs")]);
    stamp("build", want);
  }
  if (isBundled()) return;
  run(process.execPath, [join(root, "scripts/bundle.mjs")]);
}

/** Whether `kdp` runs from its bundle: what `packages/cli/bin/kdp.js` asks too. */
function isBundled() {
  const writtenAt = (path) => statSync(join(root, "packages", path), { throwIfNoEntry: false })?.mtimeMs ?? 0;
  const compiled = ["dsl", "runtime", "cli"].map((name) => writtenAt(`${name}/tsconfig.tsbuildinfo`));
  return writtenAt("cli/dist/bundle/main.js") > Math.max(...compiled);
}

const isBuilt = (folder) =>
  !existsSync(join(root, "packages", folder, "tsconfig.json")) ||
  existsSync(join(root, "packages", folder, "dist/index.js"));
