import type { PluginManifest } from "@kdp/plugin-api";
import type { Diagnostic } from "./diagnostics/diagnostic.js";
import type { Plan } from "./plan/plan.js";

/** A plugin manifest under the alias that `use` gave it, or the reason why it could not be had. */
export type ManifestLookup =
  | { readonly ok: true; readonly manifest: PluginManifest }
  | {
      readonly ok: false;
      readonly code: "KDP5501" | "KDP5502" | "KDP5503" | "KDP5504" | "KDP5505" | "KDP5508";
      readonly message: string;
      readonly candidates?: readonly string[];
    };

export interface CompileOptions {
  /** Manifests that need no `use`: the standard library. */
  readonly library: readonly PluginManifest[];
  /** Resolves the text of a `use`: package name and range. The host reads files; the compiler does not. */
  resolvePlugin?(spec: { readonly name: string; readonly range: string | null }, fromFile: string): ManifestLookup;
  /** Reads an imported `.kdp` file; null when it does not exist. */
  readImport?(path: string, fromFile: string): { readonly file: string; readonly text: string } | null;
  /** Which pipeline of the file; needed when there are several. */
  readonly pipeline?: string;
  /** `--set name=value`, as typed. */
  readonly set?: Readonly<Record<string, string>>;
  /** `--params file.json`, already parsed. */
  readonly params?: Readonly<Record<string, unknown>>;
  readonly maxCells?: number;
  /**
   * Whether a param without a value is an error; default true. An editor, and a check without arguments, say false: the
   * pipeline is checked with the value left open, and there is no plan.
   */
  readonly requireParams?: boolean;
}

export interface CompileResult {
  /** In source order; rendering needs the sources. */
  readonly diagnostics: readonly Diagnostic[];
  /** Null when an error prevents it. */
  readonly plan: Plan | null;
  /** Text of every file read, by the name used in spans. */
  readonly sources: ReadonlyMap<string, string>;
  /** Names of the pipelines of the file. With several and no `pipeline` option all are checked and there is no plan. */
  readonly pipelines: readonly string[];
}
