/** Name of TensorFlow.js's WebGPU back-end. */
export const BACKEND = "webgpu";
