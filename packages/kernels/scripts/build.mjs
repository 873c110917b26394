// Compiles assembly/ to dist/kernels.wasm and dist/tensor-kernels.wasm, unless made from the same sources by the same compiler. Offline.
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const sources = join(root, "assembly");

// The memory is the host's and the kernels allocate nothing, so no runtime is compiled in.
const common = [
  ...["--runtime", "stub", "--use", "abort=", "--noAssert", "-O3", "--converge"],
  ...["--importMemory", "--noExportMemory", "--initialMemory", "1", "--enable", "simd"],
];
const targets = [
  {
    entry: "index.ts",
    output: "kernels.wasm",
    options: [
      // Constants stand from address 1024 on; what is below is the host's (`src/wasm/host.ts`) and the team's.
      ...["--memoryBase", "1024"],
      ...["--sharedMemory", "--maximumMemory", "65536", "--enable", "threads"],
    ],
  },
  // These work in a heap of TensorFlow.js: they must have no constants in memory.
  { entry: "tensors/index.ts", output: "tensor-kernels.wasm", options: [] },
];

const compilerVersion = createRequire(import.meta.url)("assemblyscript/package.json").version;
const sourceHash = createHash("sha256").update(compilerVersion);
for (const file of readdirSync(sources, { recursive: true }).sort()) {
  if (file.endsWith(".ts")) sourceHash.update(file).update(readFileSync(join(sources, file)));
}

for (const { entry, output, options } of targets) {
  const flags = [...common, ...options];
  const digest = sourceHash.copy().update(flags.join(" ")).digest("hex");
  await compile(join(sources, entry), join(root, "dist", output), flags, digest);
}

async function compile(entry, output, flags, digest) {
  const stamp = `${output}.sha256`;
  if (existsSync(output) && existsSync(stamp) && readFileSync(stamp, "utf8") === digest) return;
  mkdirSync(dirname(output), { recursive: true });
  const { main } = await import("assemblyscript/asc");
  // A second build at the same time must not read half a file.
  const temporary = `${output}.${process.pid}`;
  const { error, stderr } = await main([entry, "--outFile", temporary, ...flags]);
  if (error) {
    process.stderr.write(`${stderr.toString()}${error.message}\n`);
    process.exit(1);
  }
  renameSync(temporary, output);
  writeFileSync(stamp, digest);
}
