import { readdirSync, readFileSync } from "node:fs";
import { compile } from "../src/compile.js";
import type { CompileOptions, CompileResult, ManifestLookup } from "../src/compile-types.js";
import type { Diagnostic, Span } from "../src/diagnostics/diagnostic.js";
import { createLineIndex } from "../src/diagnostics/position.js";
import type { Plan } from "../src/plan/plan.js";
import { library, topology } from "./library-manifest.js";

/** What a case may hold beside its files: `options.json`. */
export type CaseOptions = Pick<CompileOptions, "set" | "params" | "pipeline" | "maxCells" | "requireParams"> & {
  /** How the look-up of a plugin fails, by package name. */
  readonly plugins?: Readonly<Record<string, ManifestLookup>>;
};

export interface Case {
  readonly files: ReadonlyMap<string, string>;
  readonly options: CaseOptions;
}

/** Reads the `.kdp` files and the options of a folder. */
export function readCase(folder: string): Case {
  const files = new Map<string, string>();
  let options: CaseOptions = {};
  for (const name of readdirSync(folder)) {
    const text = readFileSync(`${folder}/${name}`, "utf8");
    if (name.endsWith(".kdp")) files.set(name, text);
    if (name === "options.json") options = JSON.parse(text) as CaseOptions;
  }
  return { files, options };
}

/** Compiles `main.kdp` of a case; imports are its other files, and `@acme/kdp-topology` is installed. */
export function compileCase({ files, options }: Case): CompileResult {
  const { plugins, ...rest } = options;
  return compile(
    { file: "main.kdp", text: files.get("main.kdp") ?? "" },
    {
      library: [library],
      ...rest,
      readImport: (path) => {
        const file = path.replace(/^\.\//, "");
        const text = files.get(file);
        return text === undefined ? null : { file, text };
      },
      resolvePlugin: ({ name }) =>
        plugins?.[name] ??
        (name === topology.name
          ? { ok: true, manifest: topology }
          : {
              ok: false,
              code: "KDP5501",
              message: `plugin \`${name}\` is not installed`,
              candidates: [topology.name],
            }),
    },
  );
}

/** Diagnostics as text: place, message, then everything that belongs to it. */
export function diagnosticsText({ diagnostics, sources }: CompileResult): string {
  const place = placesIn(sources);
  const lines = diagnostics.flatMap((d) => [
    `${place(d.span)} ${d.severity} ${d.code}: ${d.message}`,
    ...(d.label === undefined ? [] : [`  label: ${d.label}`]),
    ...(d.related ?? []).map(({ span, label }) => `  ${place(span)}: ${label}`),
    ...(d.notes ?? []).map((note) => `  note: ${note}`),
    ...(d.fixes ?? []).flatMap((fix) => [
      `  fix: ${fix.title}`,
      ...fix.edits.map(({ span, text }) => `    ${place(span)} ${JSON.stringify(text)}`),
    ]),
  ]);
  return lines.map((line) => `${line}\n`).join("");
}

function placesIn(sources: ReadonlyMap<string, string>): (span: Span) => string {
  return ({ file, start, end }) => {
    const index = createLineIndex(sources.get(file) ?? "");
    const from = index.positionAt(start);
    const to = index.positionAt(end);
    const until = to.line === from.line ? `${to.column}` : `${to.line}:${to.column}`;
    return `${file}:${from.line}:${from.column}-${until}`;
  };
}

/** A plan as JSON, without what only defaults say. */
export function planText(plan: Plan, { sources }: CompileResult): string {
  const place = placesIn(sources);
  const isSpan = (value: object): value is Span => "file" in value && "start" in value && "end" in value;
  const told = (origins: Readonly<Record<string, { readonly kind: string }>>, params: object) =>
    Object.fromEntries(Object.entries(params).filter(([name]) => origins[name]?.kind !== "default"));
  const short = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(short);
    if (typeof value !== "object" || value === null) return value;
    if (isSpan(value)) return place(value);
    const entries = Object.entries(value);
    const origins = entries.find(([name]) => name === "origins")?.[1] as Record<string, { kind: string }> | undefined;
    return Object.fromEntries(
      entries.map(([name, part]) => [
        name,
        short(origins && (name === "params" || name === "origins") ? told(origins, part as object) : part),
      ]),
    );
  };
  return `${JSON.stringify(short(plan), null, 2)}\n`;
}

export const errorsOf = (diagnostics: readonly Diagnostic[]): readonly Diagnostic[] =>
  diagnostics.filter(({ severity }) => severity === "error");
