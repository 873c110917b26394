import type { Tf } from "@kdp/plugin-api";
import type { DataId, TensorInfo } from "@tensorflow/tfjs-core";

/** What our programs need of TensorFlow.js's WebGPU back-end; most of it is private there, so the version is pinned. */
interface Backend {
  readonly device: GPUDevice;
  readonly tensorMap: { get(id: DataId): { resource?: GPUBuffer | null; values: unknown } };
  readonly commandQueueOwnedIds: WeakSet<DataId>;
  readonly commandEncoder: GPUCommandEncoder;
  uploadToGPU(id: DataId): void;
  ensureCommandEncoderReady(): void;
  endComputePassEncoder(): void;
  makeUniforms(values: readonly { type: "float32" | "uint32"; data: number[] }[]): GPUBufferBinding;
  makeTensorInfo(shape: number[], dtype: "float32"): TensorInfo;
}

/** A tensor as a program sees it. */
interface Binding {
  readonly name: string;
  readonly tensor: TensorInfo;
  /** Type of its elements in WGSL. */
  readonly type?: "f32" | "i32" | "atomic<u32>";
}

export interface Program {
  /** Written in place; all others are read. A tensor may stand in one of the two lists only. */
  readonly writes: readonly Binding[];
  readonly reads: readonly Binding[];
  /** Numbers, by name: `P.rate` in the code. */
  readonly floats?: Readonly<Record<string, number>>;
  readonly counts?: Readonly<Record<string, number>>;
  /** One call of the body for each `i` below it. */
  readonly threads: number;
  /** Functions that the body calls. */
  readonly functions?: string;
  /** WGSL statements. */
  readonly body: string;
}

/** Our programs, in line with the operations of TensorFlow.js on the same GPU. */
export interface GpuQueue {
  run(program: Program): void;
  /** A tensor full of zeros, whose storage the next programs write. */
  zeros(shape: readonly number[]): TensorInfo;
  readonly device: GPUDevice;
}

const GROUP = 256;

/** @param tf with the WebGPU back-end set */
export function gpuQueue(tf: Tf): GpuQueue {
  const backend = tf.backend() as unknown as Backend;
  const { device } = backend;
  // A pipeline is compiled once for each text.
  const pipelines = new Map<string, GPUComputePipeline>();
  const pipelineOf = (code: string): GPUComputePipeline => {
    const known = pipelines.get(code);
    if (known) return known;
    const module = device.createShaderModule({ code });
    const made = device.createComputePipeline({ layout: "auto", compute: { module, entryPoint: "main" } });
    pipelines.set(code, made);
    return made;
  };

  const bufferOf = ({ dataId }: TensorInfo): GPUBuffer => {
    backend.uploadToGPU(dataId);
    // Keeps the buffer from being handed on before the commands are submitted.
    backend.commandQueueOwnedIds.add(dataId);
    return backend.tensorMap.get(dataId).resource as GPUBuffer;
  };

  return {
    device,

    zeros(shape) {
      const tensor = backend.makeTensorInfo([...shape], "float32");
      backend.ensureCommandEncoderReady();
      backend.endComputePassEncoder();
      backend.commandEncoder.clearBuffer(bufferOf(tensor));
      return tensor;
    },

    run(program) {
      const { writes, reads, floats = {}, counts = {}, threads } = program;
      if (threads === 0) return;
      const buffers = [...writes, ...reads].map(({ tensor }) => bufferOf(tensor));
      const uniforms = backend.makeUniforms([
        { type: "uint32", data: [threads] },
        ...Object.values(counts).map((value) => ({ type: "uint32" as const, data: [value] })),
        ...Object.values(floats).map((value) => ({ type: "float32" as const, data: [value] })),
      ]);
      const pipeline = pipelineOf(textOf(program));
      const entries = [...buffers.map((buffer) => ({ buffer })), uniforms].map((resource, binding) => ({
        binding,
        resource,
      }));
      const group = device.createBindGroup({ layout: pipeline.getBindGroupLayout(0), entries });
      const groups = Math.ceil(threads / GROUP);
      const across = Math.min(groups, device.limits.maxComputeWorkgroupsPerDimension);
      backend.ensureCommandEncoderReady();
      backend.endComputePassEncoder();
      const pass = backend.commandEncoder.beginComputePass();
      pass.setPipeline(pipeline);
      pass.setBindGroup(0, group);
      pass.dispatchWorkgroups(across, Math.ceil(groups / across));
      pass.end();
      // What was read back earlier is out of date.
      for (const { tensor } of writes) backend.tensorMap.get(tensor.dataId).values = null;
    },
  };
}

/** @internal */
export function textOf({ writes, reads, floats = {}, counts = {}, functions = "", body }: Program): string {
  const declare = (access: string, from: number) => (binding: Omit<Binding, "tensor">, i: number) =>
    `@group(0) @binding(${from + i}) var<storage, ${access}> ${binding.name}: array<${binding.type ?? "f32"}>;`;
  return [
    ...writes.map(declare("read_write", 0)),
    ...reads.map(declare("read", writes.length)),
    "struct Parameters {",
    "  threads: u32,",
    ...Object.keys(counts).map((name) => `  ${name}: u32,`),
    ...Object.keys(floats).map((name) => `  ${name}: f32,`),
    "};",
    `@group(0) @binding(${writes.length + reads.length}) var<uniform> P: Parameters;`,
    functions,
    `@compute @workgroup_size(${GROUP})`,
    "fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {",
    `  let i = id.y * groups.x * ${GROUP}u + id.x;`,
    "  if (i >= P.threads) { return; }",
    body,
    "}",
  ].join("\n");
}

/** WGSL has no atomic addition of floats: compare and exchange until nobody came between. */
export const atomicAdd = (to: string): string => `
fn add_${to}(at: u32, x: f32) {
  var old = atomicLoad(&${to}[at]);
  loop {
    let next = bitcast<u32>(bitcast<f32>(old) + x);
    let got = atomicCompareExchangeWeak(&${to}[at], old, next);
    if (got.exchanged) { break; }
    old = got.old_value;
  }
}`;
