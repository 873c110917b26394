import { Missing } from "@kdp/plugin-api/device";
import { missingDriver } from "./cuda.js";
import { CPU_PACKAGE, GPU_PACKAGE, type Installed, locate, searchFolders } from "./locate.js";

/** The installation to load. */
export interface Choice {
  readonly installed: Installed;
  /** Why the GPU build that is installed as well is not taken; null when there is none. */
  readonly passedOver: Missing | null;
}

/** What makes an installation unfit to be loaded; null when nothing does. */
export function incomplete(found: Installed): Missing | null {
  const options = found.name === GPU_PACKAGE ? " --gpu --cuda" : "";
  const build =
    process.platform === "linux"
      ? `\`npx kdp-build-tensorflow ${found.from}${options}\`, or \`npm rebuild ${found.name}\` where its download is allowed`
      : `\`npm rebuild ${found.name}\``;
  if (found.library === null) {
    return new Missing(
      `${found.name} ${found.version} lies in ${found.home} without libtensorflow: its install script did not run or could not download it`,
      build,
    );
  }
  if (found.addon === null) {
    return new Missing(
      `${found.name} ${found.version} lies in ${found.home} without its addon (lib/napi-v*/tfjs_binding.node): its install script did not run`,
      build,
    );
  }
  return null;
}

/**
 * Takes the GPU build where it is complete and NVIDIA's driver is there, else the CPU build.
 * @throws Missing when neither can be loaded
 */
export function choose(
  folders: readonly string[] = searchFolders(),
  driver: () => Missing | null = missingDriver,
): Choice {
  const [gpu, cpu] = [locate(GPU_PACKAGE, folders), locate(CPU_PACKAGE, folders)];
  const fit = (found: Installed): Installed => {
    const lacks = incomplete(found);
    if (lacks) throw lacks;
    return found;
  };
  const gpuLacks = gpu ? (incomplete(gpu) ?? driver()) : null;
  if (gpu && gpuLacks === null) return { installed: gpu, passedOver: null };
  if (cpu && (gpu === null || incomplete(cpu) === null)) return { installed: fit(cpu), passedOver: gpuLacks };
  if (gpuLacks) throw gpuLacks;
  throw notInstalled(driver() === null);
}

function notInstalled(hasDriver: boolean): Missing {
  const name = hasDriver ? GPU_PACKAGE : CPU_PACKAGE;
  const where = process.env.KDP_TENSORFLOW ? ` in ${process.env.KDP_TENSORFLOW} (KDP_TENSORFLOW)` : "";
  const install = `\`npm install ${name}\` where its install script may download`;
  return new Missing(
    `neither ${GPU_PACKAGE} nor ${CPU_PACKAGE} is installed${where}`,
    process.platform === "linux"
      ? `\`npx kdp-build-tensorflow${hasDriver ? " --gpu --cuda" : ""}\`, or ${install}`
      : install,
  );
}
