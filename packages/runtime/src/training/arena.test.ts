import { createKernels } from "@kdp/kernels";
import { describe, expect, it } from "vitest";
import { createArena } from "./arena.js";

describe("arena", () => {
  it("frees what was allocated through it and is still alive, and nothing else", async () => {
    const kernels = await createKernels();
    const outside = kernels.f32From([7]);
    const before = kernels.bytesInUse;
    const arena = createArena(kernels);
    const kept = arena.kernels.f32(10_000);
    arena.kernels.free(arena.kernels.i32From([1, 2]));
    arena.kernels.f64(3);
    arena.kernels.scope(() => arena.kernels.i32(50_000).fill(1));
    expect(arena.kernels.bytesInUse).toBeGreaterThan(before);
    kept.fill(2);
    arena.release();
    expect(kernels.bytesInUse).toBe(before);
    expect(outside[0]).toBe(7);
    // A second release has nothing left to free.
    arena.release();
  });

  it("computes as the kernels do", async () => {
    const { kernels } = createArena(await createKernels());
    const [w, grad] = [kernels.f32From([1, 2]), kernels.f32From([10, 20])];
    kernels.sgd(w, grad, 2, { learningRate: 0.1, weightDecay: 0, eps: 0 });
    expect(Array.from(w)).toEqual([0, 0]);
    expect(kernels.name).toBe("wasm");
  });
});
