import device from "../src/index.js";

/**
 * Why the tests that compute on WebGPU cannot run here, printed so that a skip is never silent; null when they can. Where
 * `KDP_REQUIRE_WEBGPU` is set, it is a failure.
 */
export async function reasonToSkip(): Promise<string | null> {
  const probe = await device.probe();
  if (probe.usable) return null;
  const reason = `${probe.reason}; to run them without a graphics card: apt-get install chromium, then npm test`;
  if (process.env.KDP_REQUIRE_WEBGPU) throw new Error(`WebGPU is required here, but ${reason}`);
  process.stderr.write(`skipped: tests of the device webgpu: ${reason}\n`);
  return reason;
}
