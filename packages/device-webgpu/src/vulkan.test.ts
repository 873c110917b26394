import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { isSoftware, nameOf } from "./gpu.js";
import { vulkanTrouble } from "./vulkan.js";

function folder(...files: string[]): string {
  const path = mkdtempSync(join(tmpdir(), "kdp-vulkan-"));
  mkdirSync(path, { recursive: true });
  for (const file of files) writeFileSync(join(path, file), "");
  return path;
}

describe("no adapter", () => {
  it("for want of the loader", () => {
    expect(vulkanTrouble({}, [folder()], []).mend).toContain("libvulkan1");
  });

  it("for want of a driver, or of one that answers", () => {
    const libraries = [folder("libvulkan.so.1")];
    expect(vulkanTrouble({}, libraries, [folder("readme.txt"), "/nowhere"]).reason).toBe(
      "no Vulkan driver is installed",
    );
    expect(vulkanTrouble({}, libraries, [folder("radeon.json")]).reason).toContain("(radeon.json)");
  });

  it("for what the environment says", () => {
    const at = folder("libvulkan.so.1", "swiftshader.json");
    const driver = join(at, "swiftshader.json");
    expect(vulkanTrouble({ LD_LIBRARY_PATH: at, VK_ICD_FILENAMES: driver }, []).reason).toContain("no adapter");
    expect(vulkanTrouble({ LD_LIBRARY_PATH: at, VK_DRIVER_FILES: `${driver}.no` }, []).reason).toContain("not there");
  });
});

describe("an adapter", () => {
  const info = {
    vendor: "",
    architecture: "",
    device: "",
    description: "",
    isFallbackAdapter: false,
  } as GPUAdapterInfo;

  it.each([
    [{ vendor: "google", architecture: "swiftshader", description: "SwiftShader driver 5.0.0" }, true],
    [{ vendor: "mesa", description: "llvmpipe (LLVM 15.0.6, 256 bits)" }, true],
    [{ vendor: "microsoft", description: "Microsoft Basic Render Driver" }, true],
    [{ vendor: "nvidia", architecture: "hopper", description: "NVIDIA H100 80GB HBM3" }, false],
    [{ vendor: "amd", description: "AMD Radeon RX 7900" }, false],
    [{ vendor: "apple", isFallbackAdapter: true }, true],
  ])("%o is software: %s", (changes, expected) => {
    expect(isSoftware({ ...info, ...changes })).toBe(expected);
  });

  it("has a name with its maker", () => {
    expect(nameOf({ ...info, vendor: "nvidia", description: "NVIDIA H100" })).toMatch(/^NVIDIA H100 through /);
    expect(nameOf({ ...info, vendor: "intel", architecture: "xe" })).toMatch(/^intel xe through /);
  });
});
