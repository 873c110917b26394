import { execFile } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { Missing, messageOf } from "@kdp/plugin-api/device";
import type { Installed } from "./locate.js";

/** The CUDA that a version of TensorFlow was built with; it opens these libraries by name when it starts. */
export interface CudaNeeds {
  readonly cuda: string;
  readonly cudnn: string;
  /** Names as the loader looks for them on Linux. */
  readonly libraries: readonly string[];
}

const CUDA_11 = ["cudart.so.11.0", "cublas.so.11", "cublasLt.so.11", "cufft.so.10", "cusolver.so.11", "cusparse.so.11"];
const CUDA_12 = ["cudart.so.12", "cublas.so.12", "cublasLt.so.12", "cufft.so.11", "cusolver.so.11", "cusparse.so.12"];

/** Source: "Tested build configurations" of TensorFlow's installation guide. Each row holds from its minor version on. */
const BUILDS: readonly (readonly [minor: number, cuda: string, cudnn: string, libraries: readonly string[]])[] = [
  [18, "12.5", "9.3", CUDA_12],
  [16, "12.3", "8.9", CUDA_12],
  [15, "12.2", "8.9", CUDA_12],
  [14, "11.8", "8.7", CUDA_11],
  [12, "11.8", "8.6", CUDA_11],
  [5, "11.2", "8.1", CUDA_11],
];

/** The version that tfjs-node-gpu 4.22 downloads. */
const PUBLISHED = "2.9.1";

/** What TensorFlow `version` (null: the published one) needs of CUDA. */
export function cudaNeeds(version: string | null): CudaNeeds {
  const minor = Number((version ?? PUBLISHED).split(".")[1]);
  const [, cuda, cudnn, libraries] = BUILDS.find(([from]) => minor >= from) ?? BUILDS[BUILDS.length - 1]!;
  return { cuda, cudnn, libraries: [...libraries, `cudnn.so.${cudnn.split(".")[0]}`].map((name) => `lib${name}`) };
}

/**
 * Asks the system's loader for a library, as TensorFlow itself does: its search path, cache and dependencies count.
 * @returns null when it loads, else what the loader said
 */
export function loaderSays(library: string): string | null {
  try {
    process.dlopen({ exports: {} }, library);
    return null;
  } catch (error) {
    const text = messageOf(error);
    // The library was loaded, and Node looked in vain for an addon inside.
    return text.includes("did not self-register") ? null : text;
  }
}

type Loader = (library: string) => string | null;

/** @returns null when NVIDIA's driver is there, else what is missing */
export function missingDriver(loader: Loader = loaderSays): Missing | null {
  if (process.platform === "darwin") return new Missing("TensorFlow has no GPU build for macOS", null);
  const said = loader(process.platform === "win32" ? "nvcuda.dll" : "libcuda.so.1");
  if (said === null) return null;
  return new Missing(
    `NVIDIA's driver is missing (${said})`,
    "install the driver of your GPU, for example `apt-get install nvidia-driver`, until `nvidia-smi` lists it; in a container, start it with the GPU (`docker run --gpus all`)",
  );
}

/**
 * Why TensorFlow sees no GPU although the driver is there.
 * @param installed the GPU build that was loaded; CUDA's libraries may lie beside its own
 */
export function missingCuda(
  installed: Pick<Installed, "from" | "library" | "libraryVersion">,
  loader: Loader = loaderSays,
): Missing {
  const { from, library, libraryVersion: version } = installed;
  const needs = cudaNeeds(version);
  const versions = `TensorFlow ${version ?? PUBLISHED} needs CUDA ${needs.cuda} and cuDNN ${needs.cudnn}`;
  if (process.platform !== "linux") {
    return new Missing(`TensorFlow sees no GPU; ${versions}`, "install both and put their libraries on PATH");
  }
  const beside = library === null ? new Set<string>() : besideLibrary(library);
  const missing = needs.libraries.filter((name) => !beside.has(name) && loader(name) !== null);
  if (missing.length > 0) {
    return new Missing(
      `${versions}; the loader does not find ${missing.join(", ")}`,
      `\`npx kdp-build-tensorflow ${from} --gpu --cuda --force\`, or install these versions and put their folders on LD_LIBRARY_PATH (\`ldconfig -p\` lists what is found)`,
    );
  }
  return new Missing(
    `TensorFlow sees no GPU although the driver and CUDA's libraries load; ${versions}`,
    "see that `nvidia-smi` lists a GPU and that CUDA_VISIBLE_DEVICES is not empty; `TF_CPP_MIN_LOG_LEVEL=0` makes TensorFlow say why",
  );
}

/** Names of the libraries in `deps/nvidia/<part>/lib`, where a library out of a Python wheel looks for CUDA. */
function besideLibrary(libraryFile: string): Set<string> {
  const nvidia = join(dirname(dirname(libraryFile)), "nvidia");
  const parts = existsSync(nvidia) ? readdirSync(nvidia) : [];
  const folders = parts.map((part) => join(nvidia, part, "lib")).filter((folder) => existsSync(folder));
  return new Set(folders.flatMap((folder) => readdirSync(folder)));
}

/** Name of the first GPU as `nvidia-smi` gives it; null when it cannot be asked. */
export async function gpuName(): Promise<string | null> {
  try {
    const asked = await promisify(execFile)("nvidia-smi", ["--query-gpu=name", "--format=csv,noheader"], {
      timeout: 10_000,
    });
    return asked.stdout.split("\n")[0]?.trim() || null;
  } catch {
    return null;
  }
}
