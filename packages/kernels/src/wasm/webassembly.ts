// The part of the WebAssembly interface that is used here: the types of Node 20 leave it to the DOM library.

export interface WasmMemory {
  readonly buffer: SharedArrayBuffer;
  /** Returns the size before, in pages. @throws RangeError when it cannot grow. */
  grow(pages: number): number;
}

/** A compiled module; opaque, and can be sent to another thread. */
export interface WasmModule {
  readonly [Symbol.toStringTag]: string;
}

interface WebAssemblyApi {
  readonly Memory: new (options: { initial: number; maximum: number; shared: true }) => WasmMemory;
  readonly Instance: new (
    module: WasmModule,
    imports: { readonly env: { readonly memory: WasmMemory | object } & Readonly<Record<string, unknown>> },
  ) => { readonly exports: object };
  compile(bytes: Uint8Array): Promise<WasmModule>;
  validate(bytes: Uint8Array): boolean;
}

/** WebAssembly of this engine, or null. */
export const webAssembly: WebAssemblyApi | null =
  (globalThis as { readonly WebAssembly?: WebAssemblyApi }).WebAssembly ?? null;

/** The smallest module that needs SIMD: (func (drop (v128.const i64x2 0 0))). */
const SIMD_PROBE = Uint8Array.of(
  ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
  ...[1, 4, 1, 0x60, 0, 0],
  ...[3, 2, 1, 0],
  ...[10, 23, 1, 21, 0, 0xfd, 12, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x1a, 0x0b],
);

/** Whether the engine runs the SIMD kernels. */
export const hasSimd = (): boolean => webAssembly?.validate(SIMD_PROBE) ?? false;
