// libtensorflow out of the Python wheel of TensorFlow: the same library under another name, with its C headers; and CUDA's
// libraries out of NVIDIA's wheels.
import { existsSync, mkdirSync, readdirSync, rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { quietly, Unavailable } from "./commands.mjs";

// Python reads the archive entry by entry, so that half a gigabyte of library never lies in memory.
const UNPACK = `
import os, shutil, sys, zipfile
wheel, deps = sys.argv[1:]
with zipfile.ZipFile(wheel) as archive:
    for entry in archive.infolist():
        name = entry.filename
        if name.startswith("tensorflow/libtensorflow_"):
            target = os.path.join(deps, "lib", os.path.basename(name))
        elif name.startswith("tensorflow/include/") and not entry.is_dir():
            target = os.path.join(deps, "include", name[len("tensorflow/include/"):])
        else:
            continue
        os.makedirs(os.path.dirname(target), exist_ok=True)
        with archive.open(entry) as source, open(target, "wb") as sink:
            shutil.copyfileobj(source, sink, 1 << 20)
`;

// CUDA's libraries lie in nvidia/<part>/lib of NVIDIA's wheels; TensorFlow's library looks for them in ../nvidia/<part>/lib.
const UNPACK_CUDA = `
import os, shutil, sys, zipfile
deps, wheels = sys.argv[1], sys.argv[2:]
for wheel in wheels:
    with zipfile.ZipFile(wheel) as archive:
        for entry in archive.infolist():
            parts = entry.filename.split("/")
            if parts[0] != "nvidia" or "lib" not in parts or entry.is_dir():
                continue
            target = os.path.join(deps, *parts)
            os.makedirs(os.path.dirname(target), exist_ok=True)
            with archive.open(entry) as source, open(target, "wb") as sink:
                shutil.copyfileobj(source, sink, 1 << 20)
`;

// The versions of NVIDIA's wheels that a wheel of TensorFlow names under its extra "and-cuda".
const REQUIREMENTS = `
import re, sys, zipfile
with zipfile.ZipFile(sys.argv[1]) as archive:
    metadata = next(name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
    for line in archive.read(metadata).decode().splitlines():
        found = re.match(r"Requires-Dist: (nvidia-[a-z0-9-]+)\\s*\\(?==([0-9.]+)", line)
        if found:
            print(found[1], found[2])
`;

/** Parts that only a compiler or several GPUs need. */
const NOT_NEEDED = /^nvidia-(nccl|cuda-nvcc)-/;

/** Tags of the wheels that carry \`libtensorflow_cc\`; the tag of the Python that runs pip does not matter. */
const TAGS = {
  "linux x64": ["manylinux_2_17_x86_64", "manylinux2014_x86_64"],
  "linux arm64": ["manylinux_2_17_aarch64", "manylinux2014_aarch64"],
};

export function requirePlatform() {
  const platform = `${process.platform} ${process.arch}`;
  if (TAGS[platform]) return TAGS[platform];
  throw new Unavailable(
    `no Python wheel of TensorFlow is known to hold its C library for ${platform}`,
    "on macOS and Windows `npm install @tensorflow/tfjs-node` fetches an addon that is already built",
  );
}

/** Downloads a wheel with the user's own pip and its configuration into the folder, and returns its path. */
export function downloadWheel(python, wheel, version, folder, tags = requirePlatform()) {
  mkdirSync(folder, { recursive: true });
  const before = new Set(readdirSync(folder));
  const which = ["--no-deps", "--only-binary=:all:", "--implementation", "cp", "--python-version", "3.10"];
  const platforms = tags.flatMap((tag) => ["--platform", tag]);
  quietly(
    python,
    ["-m", "pip", "download", "--quiet", ...which, ...platforms, "--dest", folder, `${wheel}==${version}`],
    {
      failure: `pip could not download the wheel ${wheel} ${version}`,
      fix: "let pip reach a package index (pip config list shows the one it asks), or put the wheel in a folder and set PIP_FIND_LINKS to it",
    },
  );
  const file = readdirSync(folder).find((name) => name.endsWith(".whl") && !before.has(name));
  if (file) return join(folder, file);
  throw new Unavailable(
    `pip left no wheel of ${wheel} ${version}`,
    "try again; if it stays so, download the wheel by hand and set PIP_FIND_LINKS",
  );
}

/** Puts CUDA's libraries where the TensorFlow of the wheel looks for them, `deps/nvidia`. Says each part that it fetches. */
export function addCuda(python, wheel, deps, folder, say) {
  const listed = quietly(python, ["-c", REQUIREMENTS, wheel], { failure: `${wheel} cannot be read`, fix: "try again" });
  const parts = listed
    .trim()
    .split("\n")
    .filter((line) => line !== "" && !NOT_NEEDED.test(line));
  if (parts.length === 0) {
    throw new Unavailable(
      `the wheel ${wheel} names none of NVIDIA's wheels`,
      "take a version from 2.14 on, or leave --cuda out and install CUDA yourself",
    );
  }
  const wheels = parts.map((part) => {
    const [name, version] = part.split(" ");
    say(`downloading ${name} ${version}`);
    return downloadWheel(python, name, version, folder, [
      ...requirePlatform(),
      "manylinux1_x86_64",
      "manylinux_2_5_x86_64",
    ]);
  });
  quietly(python, ["-c", UNPACK_CUDA, deps, ...wheels], {
    failure: "NVIDIA's wheels cannot be unpacked",
    fix: "check the free space of the disk (6 GB are needed), then try again",
    code: 1,
  });
}

/** Fills `deps/lib` and `deps/include` of the package as its own install script would have. */
export function unpackWheel(python, wheel, deps) {
  rmSync(deps, { recursive: true, force: true });
  mkdirSync(deps, { recursive: true });
  quietly(python, ["-c", UNPACK, wheel, deps], {
    failure: `the wheel ${wheel} cannot be unpacked`,
    fix: "check the free space of the disk (1.2 GB are needed), then try again",
    code: 1,
  });
  const lib = join(deps, "lib");
  for (const [link, file] of [
    ["libtensorflow.so", "libtensorflow_cc.so.2"],
    ["libtensorflow_framework.so", "libtensorflow_framework.so.2"],
  ]) {
    if (!existsSync(join(lib, file))) {
      throw new Unavailable(
        `the wheel holds no ${file}`,
        "take a version from 2.12 on: earlier wheels have no C library of their own (--tensorflow 2.12.0)",
      );
    }
    symlinkSync(file, join(lib, link));
  }
}
