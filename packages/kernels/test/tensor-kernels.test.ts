import { readFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { attachTensorKernels } from "../src/tensors/tensor-kernels.js";
import { webAssembly } from "../src/wasm/webassembly.js";

const CODE = 10;
const DATA = 11;

/** Numbers of a module's sections, in order. */
function sectionsOf(bytes: Uint8Array): number[] {
  const found: number[] = [];
  for (let at = 8; at < bytes.length; ) {
    found.push(bytes[at++] as number);
    let [size, shift] = [0, 0];
    // LEB128: seven bits a byte, the lowest first.
    for (let more = true; more; shift += 7) {
      const byte = bytes[at++] as number;
      size += (byte & 127) * 2 ** shift;
      more = byte > 127;
    }
    at += size;
  }
  return found;
}

describe("kernels of tensors", () => {
  it("bring no constants: the heap is someone else's from its first byte", async () => {
    const sections = sectionsOf(await readFile(new URL("../dist/tensor-kernels.wasm", import.meta.url)));
    expect(sections).toContain(CODE);
    expect(sections).not.toContain(DATA);
  });

  it("compute in the memory that they are given, and leave all else in it alone", async () => {
    if (!webAssembly) throw new Error("this engine has no WebAssembly");
    const Memory = webAssembly.Memory as unknown as new (options: {
      initial: number;
    }) => { readonly buffer: ArrayBuffer };
    const memory = new Memory({ initial: 1 });
    const kernels = await attachTensorKernels(memory);
    const numbers = new Float32Array(memory.buffer).fill(7);
    numbers.set([1, 2, 3, 4, 5], 100);
    kernels?.square(4 * 100, 5, 4 * 200);
    expect(Array.from(numbers.subarray(199, 206))).toEqual([7, 1, 4, 9, 16, 25, 7]);
    numbers.fill(7, 100, 105).fill(7, 200, 205);
    expect(numbers.every((x) => x === 7)).toBe(true);
  });
});
