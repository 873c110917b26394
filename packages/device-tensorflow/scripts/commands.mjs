// What the script needs of the machine, looked for before anything is fetched, and each failure with what mends it.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";

/** The addon cannot be had on this machine as it is; the text says what to do. `code` is the exit code. */
export class Unavailable extends Error {
  constructor(message, fix, code = 3) {
    super(message);
    this.fix = fix;
    this.code = code;
  }
}

/** Runs a command quietly; its whole output is in the error when it fails. */
export function quietly(command, args, { cwd, env, failure, fix, code }) {
  const done = spawnSync(command, args, {
    cwd,
    env: { ...process.env, ...env },
    encoding: "utf8",
    maxBuffer: 1 << 28,
    shell: process.platform === "win32",
  });
  if (done.status === 0) return done.stdout;
  const said = [done.error?.message, done.stdout, done.stderr].filter(Boolean).join("\n").trim();
  throw new Unavailable(`${failure}\n\n${said.split("\n").slice(-40).join("\n")}`, fix, code);
}

const works = (command, args) => spawnSync(command, args, { stdio: "ignore" }).status === 0;

/** The first Python that has pip. */
export function findPython() {
  const found = ["python3", "python"].find((python) => works(python, ["-m", "pip", "--version"]));
  if (found) return found;
  throw new Unavailable(
    "no Python with pip was found: libtensorflow comes out of a Python wheel",
    "install python3 and pip, for example: apt-get install python3-pip",
  );
}

/** node-gyp needs make and a C++ compiler. */
export function requireCompiler() {
  const compiler = process.env.CXX ?? "g++";
  for (const [tool, args] of [
    ["make", ["--version"]],
    [compiler, ["--version"]],
  ]) {
    if (!works(tool, args))
      throw new Unavailable(
        `${tool} was not found: the addon is built from source`,
        "install a compiler, for example: apt-get install g++ make",
      );
  }
}

/**
 * Sees to the headers of this Node: those beside its binary, so that nothing is downloaded, else those that npm is configured
 * with, else node-gyp's own download.
 * @returns environment for the build
 */
export function nodeHeaders(folder) {
  const prefix = dirname(dirname(process.execPath));
  if (existsSync(join(prefix, "include", "node", "node_api.h"))) return { npm_config_nodedir: prefix };
  const fix =
    "install the headers of your Node (a package such as libnode-dev, or Node from its own archive), or set npm_config_nodedir to a prefix with include/node";
  const configured = quietly("npm", ["config", "get", "nodedir"], {
    cwd: folder,
    failure: "npm has no configuration",
    fix,
  });
  if (configured.trim() !== "undefined" && configured.trim() !== "") return {};
  quietly("npm", ["exec", "-c", 'node "$npm_config_node_gyp" install --ensure'], {
    cwd: folder,
    failure: `the headers of Node ${process.version} are neither beside its binary nor can they be downloaded`,
    fix,
  });
  return {};
}
