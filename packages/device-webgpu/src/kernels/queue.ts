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
  makeTensorInfo(shape: number[], dtype: "float32" | "int32"): TensorInfo;
}

/** A tensor as a program sees it. */
interface Binding {
  readonly name: string;
  readonly tensor: TensorInfo;
  /** Type of its elements in WGSL. */
  readonly type?: "f32" | "i32" | "atomic<u32>";
}

interface ProgramBase {
  /** Written in place; all others are read. A tensor may stand in one of the two lists only. */
  readonly writes: readonly Binding[];
  readonly reads: readonly Binding[];
  /** Numbers, by name: `P.rate` in the code. */
  readonly floats?: Readonly<Record<string, number>>;
  readonly counts?: Readonly<Record<string, number>>;
  /** Functions that the body calls, and variables that a workgroup shares. */
  readonly functions?: string;
  /** WGSL statements. */
  readonly body: string;
}

export interface Program extends ProgramBase {
  /** One call of the body for each `i` below it. */
  readonly threads: number;
}

/** A program whose threads work together. */
export interface GroupProgram extends ProgramBase {
  /** One workgroup of {@link GROUP} threads for each `row` below it; its threads are `lane` 0, 1, …. */
  readonly groups: number;
}

/** Our programs, in line with the operations of TensorFlow.js on the same GPU. */
export interface GpuQueue {
  run(program: Program | GroupProgram): void;
  /** A tensor full of zeros, whose storage the next programs write. */
  zeros(shape: readonly number[], type?: "float32" | "int32"): TensorInfo;
  /** A tensor that the next programs write whole. */
  empty(shape: readonly number[], type: "float32" | "int32"): TensorInfo;
  readonly device: GPUDevice;
}

/** Threads of a workgroup: every WebGPU device takes as many. */
export const GROUP = 256;

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

    zeros(shape, type = "float32") {
      const tensor = backend.makeTensorInfo([...shape], type);
      backend.ensureCommandEncoderReady();
      backend.endComputePassEncoder();
      backend.commandEncoder.clearBuffer(bufferOf(tensor));
      return tensor;
    },

    empty: (shape, type) => backend.makeTensorInfo([...shape], type),

    run(program) {
      const { writes, reads, floats = {}, counts = {} } = program;
      const below = "groups" in program ? program.groups : program.threads;
      const groups = "groups" in program ? below : Math.ceil(below / GROUP);
      if (groups === 0) return;
      const buffers = [...writes, ...reads].map(({ tensor }) => bufferOf(tensor));
      const uniforms = backend.makeUniforms([
        { type: "uint32", data: [below] },
        ...Object.values(counts).map((value) => ({ type: "uint32" as const, data: [value] })),
        ...Object.values(floats).map((value) => ({ type: "float32" as const, data: [value] })),
      ]);
      const pipeline = pipelineOf(textOf(program));
      const entries = [...buffers.map((buffer) => ({ buffer })), uniforms].map((resource, binding) => ({
        binding,
        resource,
      }));
      const group = device.createBindGroup({ layout: pipeline.getBindGroupLayout(0), entries });
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
export function textOf(program: Program | GroupProgram): string {
  const { writes, reads, floats = {}, counts = {}, functions = "", body } = program;
  const declare = (access: string, from: number) => (binding: Omit<Binding, "tensor">, i: number) =>
    `@group(0) @binding(${from + i}) var<storage, ${access}> ${binding.name}: array<${binding.type ?? "f32"}>;`;
  return [
    ...writes.map(declare("read_write", 0)),
    ...reads.map(declare("read", writes.length)),
    "struct Parameters {",
    "  below: u32,",
    ...Object.keys(counts).map((name) => `  ${name}: u32,`),
    ...Object.keys(floats).map((name) => `  ${name}: f32,`),
    "};",
    `@group(0) @binding(${writes.length + reads.length}) var<uniform> P: Parameters;`,
    functions,
    `@compute @workgroup_size(${GROUP})`,
    ...("groups" in program ? GROUP_START : THREAD_START),
    body,
    "}",
  ].join("\n");
}

const THREAD_START = [
  "fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {",
  `  let i = id.y * groups.x * ${GROUP}u + id.x;`,
  "  if (i >= P.below) { return; }",
];

/** All threads of a workgroup return or none: what follows may wait for the others. */
const GROUP_START = [
  "fn main(@builtin(workgroup_id) id: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {",
  "  let row = id.y * groups.x + id.x;",
  "  if (row >= P.below) { return; }",
];

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
