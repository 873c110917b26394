/** How a parameter starts. */
export type Initializer =
  | { readonly kind: "normal"; readonly stddev: number }
  /** U(-b, b) with b = sqrt(6 / ((1 + a²) fanIn)); a = √5 gives PyTorch's default for linear layers, b = 1/√fanIn. */
  | { readonly kind: "kaiming-uniform"; readonly a: number; readonly fanIn: number }
  | { readonly kind: "xavier-uniform"; readonly fanIn: number; readonly fanOut: number }
  | { readonly kind: "uniform"; readonly bound: number }
  | { readonly kind: "zeros" };

export interface ParameterSpec {
  readonly name: string;
  readonly rows: number;
  readonly cols: number;
  readonly init: Initializer;
  /** `users` or `items`: one row per entity, so that row-sparse optimisers apply. */
  readonly entity?: "user" | "item";
}

/** A parameter as the engine holds it: value and gradient are views of kernel memory, `[rows, cols]`. */
export interface Parameter extends ParameterSpec {
  readonly value: Float32Array;
  readonly grad: Float32Array;
}
