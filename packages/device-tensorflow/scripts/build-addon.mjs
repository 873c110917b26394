#!/usr/bin/env node
// Builds the native addon of @tensorflow/tfjs-node (or -gpu) without the download of its install script: libtensorflow comes
// out of TensorFlow's Python wheel, fetched by pip, and the addon is compiled against it. Nothing but npm and pip, with the
// user's own configuration, touches the network.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { findPython, nodeHeaders, quietly, requireCompiler, Unavailable } from "./commands.mjs";
import { addCuda, downloadWheel, requirePlatform, unpackWheel } from "./wheel.mjs";

const TFJS_VERSION = "4.22.0";
/**
 * For the CPU the oldest wheel with a C library of its own, hence nearest to the 2.9.1 that tfjs-node is published with. For a
 * GPU one that names NVIDIA's wheels (CUDA 12.2, cuDNN 8.9) and knows the cards since.
 */
const TENSORFLOW_VERSION = { cpu: "2.12.0", gpu: "2.15.1" };
const USAGE = `usage: kdp-build-tensorflow [FOLDER] [--gpu [--cuda]] [--tensorflow VERSION] [--force]

Installs @tensorflow/tfjs-node in FOLDER (default .kdp/tensorflow) without its install script, takes libtensorflow from
TensorFlow's Python wheel, and builds the addon from source. kdp finds it in .kdp/tensorflow, or where KDP_TENSORFLOW says.

  --gpu                  @tensorflow/tfjs-node-gpu and the wheel that computes on NVIDIA's GPUs
  --cuda                 CUDA and cuDNN as well, out of NVIDIA's wheels (2 GB), so that only the driver must be installed
  --tensorflow VERSION   version of the wheel (default ${TENSORFLOW_VERSION.cpu}, with --gpu ${TENSORFLOW_VERSION.gpu})
  --force                build again even if it stands

exit codes: 0 it works; 3 something it needs cannot be had here (the text says what); 1 the build failed; 2 wrong usage
`;

const say = (text) => process.stdout.write(`${text}\n`);

function options() {
  try {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: {
        gpu: { type: "boolean", default: false },
        cuda: { type: "boolean", default: false },
        force: { type: "boolean", default: false },
        help: { type: "boolean", short: "h", default: false },
        tensorflow: { type: "string" },
      },
    });
    if (positionals.length > 1) throw new Error("one folder at most");
    if (values.cuda && !values.gpu) throw new Error("--cuda goes with --gpu");
    const tensorflow = values.tensorflow ?? TENSORFLOW_VERSION[values.gpu ? "gpu" : "cpu"];
    const name = values.gpu ? "@tensorflow/tfjs-node-gpu" : "@tensorflow/tfjs-node";
    const wheel = values.gpu ? "tensorflow" : process.arch === "arm64" ? "tensorflow-cpu-aws" : "tensorflow-cpu";
    return { ...values, tensorflow, name, wheel, folder: resolve(positionals[0] ?? join(".kdp", "tensorflow")) };
  } catch (error) {
    process.stderr.write(`${error.message}\n\n${USAGE}`);
    process.exit(2);
  }
}

/** Where the package lies in the folder; null when it is not installed there. */
function installed(folder, name) {
  try {
    return dirname(createRequire(join(folder, "package.json")).resolve(`${name}/package.json`));
  } catch {
    return null;
  }
}

function install(folder, name) {
  const there = installed(folder, name);
  if (there) return there;
  say(`installing ${name} ${TFJS_VERSION}, without its install script`);
  mkdirSync(folder, { recursive: true });
  // A manifest of its own: npm must not walk up into the project that the folder lies in.
  const manifest = join(folder, "package.json");
  if (!existsSync(manifest)) writeFileSync(manifest, `${JSON.stringify({ private: true }, null, 2)}\n`);
  quietly(
    "npm",
    ["install", "--ignore-scripts", "--no-audit", "--no-fund", "--no-package-lock", `${name}@${TFJS_VERSION}`],
    {
      cwd: folder,
      failure: `npm could not install ${name} ${TFJS_VERSION}`,
      fix: "let npm reach a registry (npm config get registry shows the one it asks)",
    },
  );
  const now = installed(folder, name);
  if (!now)
    throw new Unavailable(
      `npm installed ${name} out of sight of ${folder}`,
      "give a folder outside of any npm workspace",
      1,
    );
  return now;
}

/** Loads the addon in a process of its own and multiplies two matrices; null when it fails. */
function tried(folder, name) {
  const code = `
    const util = require("node:util");
    util.isNullOrUndefined ??= (value) => value === null || value === undefined;
    util.isArray ??= Array.isArray;
    const tf = require(${JSON.stringify(name)});
    const product = tf.matMul(tf.tensor2d([[1, 2]]), tf.tensor2d([[3], [4]])).dataSync()[0];
    if (product !== 11) throw new Error("1*3 + 2*4 came out as " + product);
    const { binding } = tf.backend();
    process.stdout.write(JSON.stringify({ tensorflow: binding.TF_Version, gpu: tf.backend().isUsingGpuDevice }));
  `;
  const run = spawnSync(process.execPath, ["-e", code], {
    cwd: folder,
    encoding: "utf8",
    env: { ...process.env, TF_CPP_MIN_LOG_LEVEL: "2" },
  });
  return run.status === 0 ? { ok: JSON.parse(run.stdout.slice(run.stdout.lastIndexOf("{"))) } : { failed: run.stderr };
}

function main() {
  const { folder, name, wheel, tensorflow, force, gpu, cuda, help } = options();
  if (help) return say(USAGE);
  const stamp = join(folder, "addon.json");
  const want = JSON.stringify({ name, tfjs: TFJS_VERSION, wheel, tensorflow, cuda });
  const works = ({ ok }) =>
    say(
      `libtensorflow ${ok.tensorflow} works in ${folder}${gpu && !ok.gpu ? " (no usable GPU: it computes on the CPU)" : ""}`,
    );
  if (!force && existsSync(stamp) && readFileSync(stamp, "utf8") === want) {
    const state = tried(folder, name);
    if (state.ok) return works(state);
    say("the addon that stands does not load: building it again");
  }
  rmSync(stamp, { force: true });

  requirePlatform();
  requireCompiler();
  const python = findPython();
  // The wheel first: where it cannot be had, nothing else needs to be fetched.
  say(`downloading libtensorflow: the Python wheel ${wheel} ${tensorflow}`);
  const downloads = join(folder, "wheels");
  rmSync(downloads, { recursive: true, force: true });
  const file = downloadWheel(python, wheel, tensorflow, downloads);
  const home = install(folder, name);
  say("unpacking the library and its headers");
  unpackWheel(python, file, join(home, "deps"));
  if (cuda) addCuda(python, file, join(home, "deps"), downloads, say);
  rmSync(downloads, { recursive: true, force: true });
  say("building the addon");
  quietly("npm", ["run", "build-addon-from-source"], {
    cwd: home,
    env: { JOBS: "max", ...nodeHeaders(home) },
    failure: "the addon could not be built",
    fix: "the text above is the compiler's",
    code: 1,
  });
  const state = tried(folder, name);
  if (state.failed !== undefined)
    throw new Unavailable(
      `the addon was built but does not load\n\n${state.failed}`,
      "try another version of the library: --tensorflow 2.15.1",
      1,
    );
  writeFileSync(stamp, want);
  works(state);
}

try {
  main();
} catch (error) {
  if (!(error instanceof Unavailable)) throw error;
  process.stderr.write(`${error.message}\n\nfix: ${error.fix}\n`);
  process.exitCode = error.code;
}
