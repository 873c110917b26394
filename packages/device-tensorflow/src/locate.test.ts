import { mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { Missing } from "@kdp/plugin-api/device";
import { beforeEach, describe, expect, it } from "vitest";
import { choose, incomplete } from "./choose.js";
import { CPU_PACKAGE, GPU_PACKAGE, type Installed, locate, searchFolders } from "./locate.js";

let project: string;
beforeEach(() => {
  project = mkdtempSync(join(tmpdir(), "kdp-tensorflow-"));
});

function file(path: string, text = ""): string {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
  return path;
}

/** Installs a package as far as the parts say. */
function install(name: string, parts: { library?: string; napi?: number; header?: string }, folder = project): string {
  const home = join(folder, "node_modules", ...name.split("/"));
  file(join(home, "package.json"), JSON.stringify({ name, version: "4.22.0" }));
  if (parts.library) {
    const library = file(join(home, "deps", "lib", parts.library));
    if (parts.library !== "libtensorflow.so") symlinkSync(library, join(home, "deps", "lib", "libtensorflow.so"));
  }
  if (parts.napi) file(join(home, "lib", `napi-v${parts.napi}`, "tfjs_binding.node"));
  if (parts.header) file(join(home, "deps", "include", "tensorflow", "core", "public", "version.h"), parts.header);
  return home;
}

const noDriver = () => new Missing("no driver", "install it");
const driver = () => null;
const refusal = (run: () => unknown): Missing => {
  try {
    run();
  } catch (error) {
    if (error instanceof Missing) return error;
    throw error;
  }
  throw new Error("nothing was missing");
};

describe("where tfjs-node is looked for", () => {
  it("is the folder that KDP_TENSORFLOW names, and no other", () => {
    expect(searchFolders({ KDP_TENSORFLOW: "/opt/tf" }, project)).toEqual(["/opt/tf"]);
  });

  it("is the working folder, then .kdp/tensorflow there and above, then the package's own folder", () => {
    const inner = join(project, "pipelines", "deep");
    mkdirSync(inner, { recursive: true });
    mkdirSync(join(project, ".kdp", "tensorflow"), { recursive: true });
    expect(searchFolders({}, inner)).toEqual([inner, join(project, ".kdp", "tensorflow"), import.meta.dirname]);
  });

  it("follows Node's resolution upwards", () => {
    const home = install(CPU_PACKAGE, {});
    mkdirSync(join(project, "a", "b"), { recursive: true });
    expect(locate(CPU_PACKAGE, [join(project, "a", "b")])?.home).toBe(home);
    expect(locate(GPU_PACKAGE, [join(project, "a", "b")])).toBeNull();
  });
});

describe("what an installation holds", () => {
  const located = (): Installed => {
    const found = locate(CPU_PACKAGE, [project]);
    if (!found) throw new Error("not found");
    return found;
  };

  it("is nothing when install scripts did not run", () => {
    install(CPU_PACKAGE, {});
    expect(located()).toMatchObject({ addon: null, library: null, libraryVersion: null });
    expect(incomplete(located())?.reason).toContain("without libtensorflow");
  });

  it("is a library without an addon when only the download ran", () => {
    install(CPU_PACKAGE, { library: "libtensorflow.so.2.9.1" });
    expect(located().libraryVersion).toBe("2.9.1");
    expect(incomplete(located())?.reason).toContain("without its addon");
    if (process.platform === "linux") {
      expect(incomplete(located())?.mend).toContain(`npx kdp-build-tensorflow ${project}\``);
    }
  });

  it("is no library when the link leads nowhere", () => {
    const home = install(CPU_PACKAGE, { napi: 8 });
    mkdirSync(join(home, "deps", "lib"), { recursive: true });
    symlinkSync(join(home, "nowhere"), join(home, "deps", "lib", "libtensorflow.so"));
    expect(located().library).toBeNull();
  });

  it("takes the newest addon that this Node can load", () => {
    const home = install(CPU_PACKAGE, { library: "libtensorflow.so", napi: 8 });
    file(join(home, "lib", "napi-v6", "tfjs_binding.node"));
    file(join(home, "lib", "napi-v999", "tfjs_binding.node"));
    expect(located().addon).toBe(join(home, "lib", "napi-v8", "tfjs_binding.node"));
    expect(incomplete(located())).toBeNull();
  });

  it("reads the version of a library out of a wheel from its headers", () => {
    install(CPU_PACKAGE, {
      library: "libtensorflow_cc.so.2",
      header: "#define TF_MAJOR_VERSION 2\n#define TF_MINOR_VERSION 12\n#define TF_PATCH_VERSION 0\n",
    });
    expect(located().libraryVersion).toBe("2.12.0");
  });
});

describe("which installation is loaded", () => {
  const whole = { library: "libtensorflow.so.2.9.1", napi: 8 };

  it("is none when nothing is installed, and the command fits the machine", () => {
    const without = refusal(() => choose([project], noDriver));
    expect(without.reason).toContain(`neither ${GPU_PACKAGE} nor ${CPU_PACKAGE} is installed`);
    expect(without.mend).toContain(`npm install ${CPU_PACKAGE}\``);
    expect(refusal(() => choose([project], driver)).mend).toContain(`npm install ${GPU_PACKAGE}\``);
  });

  it("is the GPU build where the driver is there", () => {
    install(CPU_PACKAGE, whole);
    const gpu = install(GPU_PACKAGE, whole);
    expect(choose([project], driver)).toMatchObject({ installed: { home: gpu }, passedOver: null });
  });

  it("is the CPU build where the driver is not, and says so", () => {
    const cpu = install(CPU_PACKAGE, whole);
    install(GPU_PACKAGE, whole);
    expect(choose([project], noDriver)).toMatchObject({
      installed: { home: cpu },
      passedOver: { reason: "no driver" },
    });
  });

  it("is never the GPU build without a driver: that would compute on the CPU in silence", () => {
    install(GPU_PACKAGE, whole);
    expect(refusal(() => choose([project], noDriver)).reason).toBe("no driver");
  });

  it("explains the build that was meant to run", () => {
    install(GPU_PACKAGE, { library: "libtensorflow.so.2.9.1" });
    install(CPU_PACKAGE, {});
    expect(refusal(() => choose([project], driver)).reason).toContain(`${GPU_PACKAGE} 4.22.0 lies in`);
  });
});
