import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { cudaNeeds, loaderSays, missingCuda, missingDriver } from "./cuda.js";

const absent = (library: string) => `${library}: cannot open shared object file`;
const present = () => null;
const onLinux = process.platform === "linux";

describe("the CUDA that a TensorFlow needs", () => {
  it.each([
    ["2.9.1", "11.2", "8.1", "libcudart.so.11.0", "libcudnn.so.8"],
    ["2.12.0", "11.8", "8.6", "libcudart.so.11.0", "libcudnn.so.8"],
    ["2.15.1", "12.2", "8.9", "libcudart.so.12", "libcudnn.so.8"],
    ["2.19.0", "12.5", "9.3", "libcudart.so.12", "libcudnn.so.9"],
  ])("is known for %s", (version, cuda, cudnn, runtime, network) => {
    const needs = cudaNeeds(version);
    expect(needs).toMatchObject({ cuda, cudnn });
    expect(needs.libraries).toContain(runtime);
    expect(needs.libraries).toContain(network);
  });

  it("is that of the published library where no file tells", () => {
    expect(cudaNeeds(null)).toEqual(cudaNeeds("2.9.1"));
  });
});

describe.runIf(onLinux)("the system's loader", () => {
  it("finds the C library and says what it cannot find", () => {
    expect(loaderSays("libc.so.6")).toBeNull();
    expect(loaderSays("libkdp-nowhere.so.1")).toContain("libkdp-nowhere.so.1");
  });
});

describe.runIf(onLinux)("what is missing for a GPU", () => {
  const published = { from: "/project", library: "/nowhere/deps/lib/libtensorflow.so.2", libraryVersion: "2.9.1" };

  it("is the driver, with a way to get it", () => {
    expect(missingDriver(present)).toBeNull();
    const missing = missingDriver(absent);
    expect(missing?.reason).toContain("libcuda.so.1");
    expect(missing?.mend).toContain("nvidia-smi");
  });

  it("is named library by library with the versions that are needed", () => {
    const { reason, mend } = missingCuda(published, (name) => (name.includes("cudnn") ? absent(name) : null));
    expect(reason).toContain("CUDA 11.2 and cuDNN 8.1");
    expect(reason).toContain("does not find libcudnn.so.8");
    expect(reason).not.toContain("libcudart");
    expect(mend).toContain("npx kdp-build-tensorflow /project --gpu --cuda --force");
  });

  it("counts what lies beside a library out of a wheel", () => {
    const deps = join(mkdtempSync(join(tmpdir(), "kdp-cuda-")), "deps");
    mkdirSync(join(deps, "nvidia", "cudnn", "lib"), { recursive: true });
    writeFileSync(join(deps, "nvidia", "cudnn", "lib", "libcudnn.so.8"), "");
    const { reason } = missingCuda(
      { from: "/project", library: join(deps, "lib", "libtensorflow.so"), libraryVersion: "2.15.1" },
      absent,
    );
    expect(reason).toContain("libcudart.so.12");
    expect(reason).not.toContain("libcudnn");
  });

  it("is the GPU itself when every library loads", () => {
    expect(missingCuda(published, present).mend).toContain("CUDA_VISIBLE_DEVICES");
  });
});
