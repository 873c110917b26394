// Compiles assembly/ to dist/kernels.wasm, unless that was made from the same sources by the same compiler. Offline.
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const sources = join(root, "assembly");
const output = join(root, "dist", "kernels.wasm");
const stamp = `${output}.sha256`;

// The memory is made by the host and shared by all threads; the kernels allocate nothing, so no runtime is compiled in.
const options = [
  ...["--runtime", "stub", "--use", "abort=", "--noAssert", "-O3", "--converge"],
  // Constants of the kernels stand from address 1024 on; what is below is the host's (`src/wasm/host.ts`) and the team's.
  ...["--memoryBase", "1024"],
  ...["--importMemory", "--noExportMemory", "--sharedMemory", "--initialMemory", "1", "--maximumMemory", "65536"],
  ...["--enable", "simd", "--enable", "threads"],
];

const compilerVersion = createRequire(import.meta.url)("assemblyscript/package.json").version;
const hash = createHash("sha256").update(compilerVersion).update(options.join(" "));
for (const file of readdirSync(sources).sort()) hash.update(file).update(readFileSync(join(sources, file)));
const digest = hash.digest("hex");

if (!existsSync(output) || !existsSync(stamp) || readFileSync(stamp, "utf8") !== digest) {
  mkdirSync(dirname(output), { recursive: true });
  const { main } = await import("assemblyscript/asc");
  // A second build at the same time must not read half a file.
  const temporary = `${output}.${process.pid}`;
  const { error, stderr } = await main([join(sources, "index.ts"), "--outFile", temporary, ...options]);
  if (error) {
    process.stderr.write(`${stderr.toString()}${error.message}\n`);
    process.exit(1);
  }
  renameSync(temporary, output);
  writeFileSync(stamp, digest);
}
