import { Missing } from "@kdp/plugin-api/device";
import { vulkanTrouble } from "./vulkan.js";

/** What the `webgpu` package (Dawn) exports. */
interface Dawn {
  create(flags: readonly string[]): GPU;
  readonly globals: Readonly<Record<string, unknown>>;
}

/** An adapter that answers, and what it is. */
export interface Opened {
  readonly gpu: GPU;
  /** `NVIDIA H100 (Vulkan)` */
  readonly found: string;
  readonly processor: "gpu" | "cpu";
}

/**
 * Loads Dawn and asks it for the fastest adapter.
 * @throws Missing what is not there, and what mends it
 */
export async function openGpu(): Promise<Opened> {
  const dawn = await loadDawn();
  Object.assign(globalThis, dawn.globals);
  const gpu = dawn.create([]);
  const adapter = await gpu.requestAdapter({ powerPreference: "high-performance" });
  if (!adapter) throw noAdapter();
  const { info } = adapter;
  return { gpu, found: nameOf(info), processor: isSoftware(info) ? "cpu" : "gpu" };
}

async function loadDawn(): Promise<Dawn> {
  let entry: string;
  try {
    entry = import.meta.resolve("webgpu");
  } catch {
    throw new Missing("the package webgpu (Dawn) is not installed", "npm install webgpu");
  }
  try {
    return (await import(entry)) as Dawn;
  } catch (error) {
    const { platform, arch } = process;
    throw new Missing(
      `Dawn does not load on ${platform} ${arch}: ${error instanceof Error ? (error.message.split("\n")[0] ?? "") : error}`,
      "it needs Linux (glibc), Windows or macOS on x86-64 or arm64; on one of these: npm install webgpu",
    );
  }
}

function noAdapter(): Missing {
  if (process.platform === "linux") return vulkanTrouble(process.env);
  return new Missing(
    `no graphics card answers through ${process.platform === "darwin" ? "Metal" : "Direct3D 12"}`,
    "install or update the driver of the graphics card",
  );
}

/** @internal */
export function nameOf({ vendor, architecture, device, description }: GPUAdapterInfo): string {
  const name = description || device || [vendor, architecture].filter(Boolean).join(" ") || "an adapter without a name";
  const known = vendor && !name.toLowerCase().includes(vendor.toLowerCase()) ? `${vendor} ${name}` : name;
  return `${known} through ${{ darwin: "Metal", win32: "Direct3D 12" }[process.platform as string] ?? "Vulkan"}`;
}

/** @internal Rasterisers that run on the processor: slower than kdp's own kernels, so never taken by `auto`. */
export function isSoftware(info: GPUAdapterInfo): boolean {
  const text = [info.vendor, info.architecture, info.device, info.description].join(" ");
  return info.isFallbackAdapter || /swiftshader|llvmpipe|lavapipe|softpipe|basic render|\bwarp\b/i.test(text);
}
