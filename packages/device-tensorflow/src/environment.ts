/** What TensorFlow and CUDA read when they are loaded. Each stands unless the user says otherwise. */
const DEFAULTS = {
  // Notes on oneDNN and instruction sets are no news to a user of kdp.
  TF_CPP_MIN_LOG_LEVEL: "2",
  // Else the first process takes the whole memory of the card: a probe, or another run, could not start beside it.
  TF_FORCE_GPU_ALLOW_GROWTH: "true",
  // Since Ampere, products of float32 would be computed to three digits (TF32): outside the tolerance of the device.
  NVIDIA_TF32_OVERRIDE: "0",
} as const;

/** Must run before the addon is loaded. Node hands its environment on to native code. */
export function setEnvironment(environment: NodeJS.ProcessEnv = process.env): void {
  for (const [name, value] of Object.entries(DEFAULTS)) environment[name] ??= value;
}
