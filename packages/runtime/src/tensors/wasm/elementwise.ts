import type { BinaryName, UnaryName } from "@kdp/kernels";
import type { DataType } from "@tensorflow/tfjs-core";
import { broadcastOf } from "./broadcast.js";
import { type Heap, input, type Own, sizeOf } from "./heap.js";

const UNARY: Readonly<Record<string, UnaryName>> = {
  Abs: "abs",
  Exp: "exp",
  Log: "log",
  Log1p: "log1p",
  Neg: "neg",
  Reciprocal: "reciprocal",
  Relu: "relu",
  Rsqrt: "rsqrt",
  Sigmoid: "sigmoid",
  Sign: "sign",
  Softplus: "softplus",
  Sqrt: "sqrt",
  Square: "square",
  Tanh: "tanh",
};

const ARITHMETIC: Readonly<Record<string, BinaryName>> = {
  Add: "add",
  Maximum: "maximum",
  Minimum: "minimum",
  Multiply: "multiply",
  RealDiv: "divide",
  SquaredDifference: "squaredDifference",
  Sub: "sub",
};

const COMPARISONS: Readonly<Record<string, BinaryName>> = {
  Equal: "equal",
  Greater: "greater",
  GreaterEqual: "greaterEqual",
  Less: "less",
  LessEqual: "lessEqual",
  NotEqual: "notEqual",
};

/** Functions of float32 numbers, one by one or in pairs with broadcasting. */
export function elementwise(heap: Heap): Readonly<Record<string, Own>> {
  const own: Record<string, Own> = { Cast: cast(heap), Pow: power(heap), Select: select(heap) };
  for (const [name, kernel] of Object.entries(UNARY)) own[name] = unary(heap, kernel);
  for (const [name, kernel] of Object.entries(ARITHMETIC)) own[name] = binary(heap, kernel, "float32");
  for (const [name, kernel] of Object.entries(COMPARISONS)) own[name] = binary(heap, kernel, "bool");
  return own;
}

function unary(heap: Heap, name: UnaryName): Own {
  const kernel = heap.kernels[name];
  return (call) => {
    const x = input(call, "x");
    if (x.dtype !== "float32") return null;
    const out = heap.make(x.shape, "float32");
    kernel(heap.at(x), sizeOf(x.shape), heap.at(out));
    return out;
  };
}

function binary(heap: Heap, name: BinaryName, dtype: DataType): Own {
  const kernel = heap.kernels[name];
  const width = dtype === "bool" ? 1 : 4;
  return (call) => {
    const a = input(call, "a");
    const b = input(call, "b");
    if (a.dtype !== "float32" || b.dtype !== "float32") return null;
    const { shape, outer, inner, aStep, aLane, bStep, bLane, blocks } = broadcastOf(heap.tf, a.shape, b.shape);
    const out = heap.make(shape, dtype);
    if (inner === 0) return out;
    const [from, other, to] = [heap.at(a), heap.at(b), heap.at(out)];
    let at = to;
    for (const { a: aOffset, b: bOffset } of blocks) {
      kernel(from + aOffset, other + bOffset, outer, inner, aStep, aLane, bStep, bLane, at);
      at += outer * inner * width;
    }
    return out;
  };
}

/** Squares, and what their gradient needs: losses write few other powers, and the general one costs many times as much. */
function power(heap: Heap): Own {
  return (call) => {
    const [x, exponent] = [input(call, "a"), input(call, "b")];
    const wide = x.dtype === "float32" && exponent.dtype === "float32";
    if (!wide || sizeOf(exponent.shape) !== 1 || exponent.shape.length > x.shape.length) return null;
    const [power] = heap.backend.typedArrayFromHeap(exponent);
    if (power === 1) return heap.share(x, x.shape);
    const kernel = power === 2 ? heap.kernels.square : power === -1 ? heap.kernels.reciprocal : null;
    if (!kernel) return null;
    const out = heap.make(x.shape, "float32");
    kernel(heap.at(x), sizeOf(x.shape), heap.at(out));
    return out;
  };
}

function cast(heap: Heap): Own {
  return (call) => {
    const x = input(call, "x");
    if (call.attrs?.dtype === x.dtype && x.dtype !== "string") return heap.share(x, x.shape);
    if (x.dtype !== "bool" || call.attrs?.dtype !== "float32") return null;
    const out = heap.make(x.shape, "float32");
    heap.kernels.floatOfBool(heap.at(x), sizeOf(x.shape), heap.at(out));
    return out;
  };
}

function select(heap: Heap): Own {
  return (call) => {
    const [condition, t, e] = [input(call, "condition"), input(call, "t"), input(call, "e")];
    const size = sizeOf(t.shape);
    const known = condition.dtype === "bool" && t.dtype === "float32" && e.dtype === "float32";
    if (!known || sizeOf(condition.shape) !== size || sizeOf(e.shape) !== size) return null;
    const out = heap.make(t.shape, "float32");
    heap.kernels.select(heap.at(condition), heap.at(t), heap.at(e), size, heap.at(out));
    return out;
  };
}
