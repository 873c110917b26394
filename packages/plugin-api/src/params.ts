/** A value that a pipeline can write literally. */
export type Scalar = number | string | boolean;

/**
 * Schema of one argument of a stage. Manifests carry it as data; the compiler checks calls against it and the
 * documentation is generated from it.
 */
export interface ParamSchema {
  readonly type: "int" | "float" | "bool" | "string" | "path" | "duration" | "bytes" | "metric" | "enum" | "list";
  /** One sentence for the reference and for the editor. */
  readonly doc: string;
  /** Absent or `undefined`: the argument is required. `null`: optional, off unless given. */
  readonly default?: Scalar | readonly Scalar[] | null;
  readonly min?: number;
  readonly max?: number;
  /** True when `min` (or `max`) itself is not allowed. */
  readonly exclusiveMin?: boolean;
  /** Legal values of an `enum`. */
  readonly values?: readonly string[];
  /** Element schema of a `list`. */
  readonly items?: Omit<ParamSchema, "default" | "doc">;
  /** Where the default comes from: a paper, its code, or a measurement. */
  readonly source?: string;
}

export type ParamSchemas = Readonly<Record<string, ParamSchema>>;

type Options = Omit<ParamSchema, "type" | "values" | "items">;

export const int = <const O extends Options>(options: O) => ({ type: "int", ...options }) as const;
export const float = <const O extends Options>(options: O) => ({ type: "float", ...options }) as const;
export const bool = <const O extends Options>(options: O) => ({ type: "bool", ...options }) as const;
export const string = <const O extends Options>(options: O) => ({ type: "string", ...options }) as const;
export const path = <const O extends Options>(options: O) => ({ type: "path", ...options }) as const;
/** A metric with a cut-off, such as `ndcg@10`. */
export const metric = <const O extends Options>(options: O) => ({ type: "metric", ...options }) as const;
export const oneOf = <const V extends readonly string[], const O extends Options>(values: V, options: O) =>
  ({ type: "enum", values, ...options }) as const;
export const list = <const I extends Omit<ParamSchema, "default" | "doc">, const O extends Options>(
  items: I,
  options: O,
) => ({ type: "list", items, ...options }) as const;

type Base<S> = S extends { type: "int" | "float" | "duration" | "bytes" }
  ? number
  : S extends { type: "bool" }
    ? boolean
    : S extends { type: "enum"; values: readonly (infer V)[] }
      ? V
      : S extends { type: "list"; items: infer I }
        ? readonly Base<I>[]
        : string;

/** The TypeScript type of the resolved arguments of a stage with schemas `S`. Optional ones may be `null`. */
export type ParamsOf<S extends ParamSchemas> = {
  readonly [K in keyof S]: S[K] extends { default: null } ? Base<S[K]> | null : Base<S[K]>;
};
