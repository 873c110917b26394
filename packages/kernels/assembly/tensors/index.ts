// Kernels of tensors, in the heap of TensorFlow.js's own WebAssembly back-end. They allocate nothing and keep nothing in memory.
export * from "./binary";
export * from "./products";
export { max, min_ as min, softmax, sum } from "./reductions";
export * from "./rows";
export * from "./unary";
