import { createKernels } from "@kdp/kernels";
import { describe, expect, it } from "vitest";
import { faultOf } from "./blame.js";

const context = { subject: { id: "teacher", plugin: "@acme/x" }, plugins: [], ownFolders: [] };

describe("whose fault an exception is", () => {
  it("is nobody's bug when the kernels' memory ends: KDP8015, with what was asked for", async () => {
    const kernels = await createKernels({ maximumBytes: 2 ** 20 });
    let thrown: unknown;
    try {
      kernels.f32(2 ** 20);
    } catch (error) {
      thrown = error;
    }
    expect(faultOf(thrown, context)).toMatchObject({
      code: "KDP8015",
      kind: "run",
      place: "teacher",
      message: expect.stringMatching(/^4\.0 MiB asked for, .* ends at 1\.0 MiB/),
      fix: expect.stringContaining("--device webgpu"),
    });
  });

  it("is the machine's when JavaScript has no memory left for an array", () => {
    expect(faultOf(new RangeError("Array buffer allocation failed"), context).code).toBe("KDP8006");
  });
});
