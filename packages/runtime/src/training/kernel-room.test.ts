import { createKernels } from "@kdp/kernels";
import type { ParameterSpec } from "@kdp/plugin-api";
import library from "@kdp/plugins";
import { describe, expect, it } from "vitest";
import { tasteWorld, trial } from "../../test/support/training.js";
import { RuntimeFault } from "../faults.js";
import { checkRoom } from "./kernel-room.js";

const table = (rows: number, cols: number): ParameterSpec => ({ name: "t", rows, cols, init: { kind: "zeros" } });
const codeOf = (body: () => void): string | null => {
  try {
    body();
    return null;
  } catch (error) {
    if (error instanceof RuntimeFault) return error.data.code;
    throw error;
  }
};

describe("room for the tables of a training", () => {
  it("ends where the kernels' memory ends: 16 bytes a number under Adam, 12 under Adagrad, 8 under SGD", async () => {
    const kernels = await createKernels();
    const check = (numbers: number, optimizer: string | null) =>
      codeOf(() => checkRoom(kernels, [table(numbers / 2, 1), table(numbers / 2, 1)], optimizer, "m"));
    for (const [optimizer, bytes] of [
      ["adam", 16],
      ["lazy_adam", 16],
      ["adagrad", 12],
      ["sgd", 8],
      [null, 8],
    ] as const) {
      expect(check(2 ** 32 / bytes, optimizer)).toBe("KDP8015");
      expect(check(2 ** 32 / bytes - 2 ** 14, optimizer)).toBeNull();
    }
    expect(kernels.bytesInUse).toBe(0);
  });

  it("counts what is there already", async () => {
    const kernels = await createKernels({ maximumBytes: 2 ** 20 });
    expect(codeOf(() => checkRoom(kernels, [table(40_000, 1)], "adam", "m"))).toBeNull();
    kernels.f32(100_000);
    expect(codeOf(() => checkRoom(kernels, [table(40_000, 1)], "adam", "m"))).toBe("KDP8015");
  });

  it("is looked for before a training allocates anything", async () => {
    const kernels = await createKernels({ maximumBytes: 2 ** 20 });
    const model = library.models?.bprmf;
    if (!model) throw new Error("the library has no bprmf");
    const failed = trial({ model, params: { dim: 4000 }, world: tasteWorld(), session: { kernels } });
    await expect(failed).rejects.toMatchObject({ data: { code: "KDP8015", place: "student" } });
    expect(kernels.bytesInUse).toBe(0);
  });
});
