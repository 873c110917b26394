/** A device as `kdp doctor` shows it. */
export interface DeviceReport {
  /** As `--device` takes it. */
  readonly name: string;
  readonly usable: boolean;
  /** What it computes with, or why it cannot be used. */
  readonly reason: string;
  /** The command or step that makes it usable; null when it is, or when nothing would. */
  readonly mend: string | null;
}

/** Every device that this version knows, tried for real. */
export async function describeDevices(): Promise<readonly DeviceReport[]> {
  return [await cpu()];
}

async function cpu(): Promise<DeviceReport> {
  const { createKernels } = await import("@kdp/kernels");
  try {
    const kernels = await createKernels();
    if (kernels.name === "wasm") {
      return { name: "cpu", usable: true, reason: "WebAssembly SIMD kernels", mend: null };
    }
    return {
      name: "cpu",
      usable: true,
      reason: "plain kernels: this engine has no WebAssembly SIMD, so training is several times slower",
      mend: "use Node 20.19 or later on x86-64 or arm64, without --jitless",
    };
  } catch (error) {
    return {
      name: "cpu",
      usable: false,
      reason: `the kernels cannot be loaded: ${error instanceof Error ? error.message : String(error)}`,
      mend: "install kdp again; in a clone, run `npm run build`",
    };
  }
}
