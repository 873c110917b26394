const MIB = 1024 ** 2;
const GIB = 1024 ** 3;
const size = (bytes: number): string =>
  bytes < GIB / 4 ? `${(bytes / MIB).toFixed(1)} MiB` : `${(bytes / GIB).toFixed(2)} GiB`;

/** The kernels' memory cannot hold what was asked for. The message says how much that was and what helps. */
export class KernelMemoryError extends Error {
  override readonly name = "KernelMemoryError";
  /** Bytes asked for. */
  readonly requested: number;
  /** Bytes held by live views at that moment. */
  readonly inUse: number;
  /** Most bytes that the memory can have. */
  readonly limit: number;

  constructor(request: { readonly requested: number; readonly inUse: number; readonly limit: number }) {
    const { requested, inUse, limit } = request;
    const full = inUse + requested > limit;
    super(
      `${size(requested)} asked for, ${size(inUse)} in use: ` +
        (full
          ? `the memory of the CPU kernels (wasm32) ends at ${size(limit)}. `
          : `the system refused the memory (limit ${size(limit)}), or it is too fragmented. `) +
        "Take a smaller dim, fewer users or items, or a GPU device (--device webgpu).",
    );
    this.requested = requested;
    this.inUse = inUse;
    this.limit = limit;
  }
}
