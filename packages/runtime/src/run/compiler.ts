import type { CompileOptions, CompileResult } from "@kdp/dsl";

/** The compiler of the language as the runtime calls it. */
export type Compiler = (
  source: { readonly file: string; readonly text: string },
  options: CompileOptions,
) => CompileResult | Promise<CompileResult>;

/** Loaded when the first pipeline is compiled: `kdp cache` and workers do without the parser. */
export const dslCompiler: Compiler = async (source, options) => {
  const { compile } = await import("@kdp/dsl");
  return compile(source, options);
};
