import { existsSync, readdirSync } from "node:fs";
import { delimiter, join } from "node:path";
import { Missing } from "@kdp/plugin-api/device";

const LOADER = "libvulkan.so.1";
const LIBRARY_FOLDERS = [
  "/usr/lib",
  "/usr/lib64",
  "/lib",
  "/lib64",
  "/usr/local/lib",
  "/usr/lib/x86_64-linux-gnu",
  "/usr/lib/aarch64-linux-gnu",
];
const DRIVER_FOLDERS = ["/usr/share/vulkan/icd.d", "/etc/vulkan/icd.d", "/usr/local/share/vulkan/icd.d"];

/**
 * Why Vulkan has no adapter on this machine, as far as files tell.
 * @param env its `LD_LIBRARY_PATH`, `VK_DRIVER_FILES` and `VK_ICD_FILENAMES` are read
 */
export function vulkanTrouble(
  env: Readonly<Record<string, string | undefined>>,
  libraryFolders: readonly string[] = LIBRARY_FOLDERS,
  driverFolders: readonly string[] = DRIVER_FOLDERS,
): Missing {
  const folders = [...(env.LD_LIBRARY_PATH?.split(delimiter) ?? []), ...libraryFolders];
  if (!folders.some((folder) => folder !== "" && existsSync(join(folder, LOADER)))) {
    return new Missing(
      `the Vulkan loader (${LOADER}) is not installed`,
      "install it: apt-get install libvulkan1, dnf install vulkan-loader, or pacman -S vulkan-icd-loader",
    );
  }
  const chosen = env.VK_DRIVER_FILES ?? env.VK_ICD_FILENAMES;
  if (chosen !== undefined) {
    const absent = chosen.split(delimiter).filter((file) => file !== "" && !existsSync(file));
    const name = env.VK_DRIVER_FILES === undefined ? "VK_ICD_FILENAMES" : "VK_DRIVER_FILES";
    return absent.length > 0
      ? new Missing(`${name} names a file that is not there: ${absent[0]}`, `correct or unset ${name}`)
      : new Missing(`the driver that ${name} names (${chosen}) has no adapter that Dawn takes`, `unset ${name}`);
  }
  const drivers = driverFolders.flatMap(jsonFiles);
  if (drivers.length === 0) {
    return new Missing(
      "no Vulkan driver is installed",
      "install the driver of the graphics card: NVIDIA's own, or mesa-vulkan-drivers for AMD and Intel",
    );
  }
  return new Missing(
    `no graphics card answers through the Vulkan drivers of this machine (${drivers.join(", ")})`,
    "vulkaninfo --summary shows what Vulkan sees; in a container, pass the card in (docker run --gpus all, --device /dev/dri)",
  );
}

function jsonFiles(folder: string): readonly string[] {
  try {
    return readdirSync(folder).filter((name) => name.endsWith(".json"));
  } catch {
    return [];
  }
}
