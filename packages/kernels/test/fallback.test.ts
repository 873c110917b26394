import { afterEach, expect, it, vi } from "vitest";

afterEach(() => {
  vi.unstubAllGlobals();
  vi.resetModules();
});

it.each([
  ["no WebAssembly", undefined],
  ["WebAssembly without SIMD", { compile: () => Promise.reject(new Error("not reached")), validate: () => false }],
])("with %s the plain kernels run", async (_, engine) => {
  vi.stubGlobal("WebAssembly", engine);
  vi.resetModules();
  const { createKernels } = await import("../src/index.js");
  const kernels = await createKernels();
  expect(kernels.name).toBe("plain");
  const out = kernels.f32(2);
  kernels.gatherRows(kernels.f32From([1, 2, 3, 4]), 2, kernels.i32From([1]), 1, out);
  expect(Array.from(out)).toEqual([3, 4]);
});
