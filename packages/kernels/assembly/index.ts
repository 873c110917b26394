export * from "./bpr";
export { gemm } from "./gemm";
export * from "./lists";
export * from "./optimisers";
export { plackettLuce } from "./plackett-luce";
export { rankCounts, topK } from "./ranking";
export * from "./rows";
export { spmm } from "./spmm";
