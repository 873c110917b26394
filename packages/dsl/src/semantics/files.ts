import type { CompileOptions } from "../compile-types.js";
import { fix, report } from "../diagnostics/create-diagnostic.js";
import type { Diagnostic, Span } from "../diagnostics/diagnostic.js";
import { didYouMean } from "../diagnostics/did-you-mean.js";
import { type Catalogue, createCatalogue } from "../library/catalogue.js";
import type { Comment, Import, Name, SourceFile, StageDef, Use } from "../syntax/ast.js";
import { parse } from "../syntax/parse.js";
import type { Reporter } from "./reporter.js";

/** A stage of a file, with the names that its body sees. */
export interface StageDecl {
  readonly ast: StageDef;
  readonly scope: FileScope;
}

export interface PluginDecl {
  readonly alias: string;
  readonly use: Use;
  /** Null when the plugin could not be had: its members are then unknown, silently. */
  readonly catalogue: Catalogue | null;
}

export interface ImportDecl {
  readonly name: Name;
  /** Null when there is no such stage. */
  readonly stage: StageDecl | null;
}

/** Names of one file, from the outside in: plugins and imports, then stages. */
export interface FileScope {
  readonly file: string;
  /** Folder that paths of this file start from. */
  readonly base: string;
  readonly text: string;
  readonly ast: SourceFile;
  readonly comments: readonly Comment[];
  readonly stages: ReadonlyMap<string, StageDecl>;
  readonly imports: ReadonlyMap<string, ImportDecl>;
  readonly plugins: ReadonlyMap<string, PluginDecl>;
  /** False when the parser had to guess: what is unused cannot be told then. */
  readonly wellFormed: boolean;
}

export interface Program {
  readonly main: FileScope;
  /** Every file read, the main one first. */
  readonly files: readonly FileScope[];
  readonly sources: ReadonlyMap<string, string>;
}

/** Parses a file and those it imports, and collects their names. */
export function loadProgram(
  source: { readonly file: string; readonly text: string },
  options: CompileOptions,
  reporter: Reporter,
): Program {
  const sources = new Map<string, string>();
  const loaded = new Map<string, FileScope>();

  const load = (file: string, text: string, importers: readonly string[]): FileScope => {
    const known = loaded.get(file);
    if (known) return known;
    sources.set(file, text);
    const { ast, comments, diagnostics } = parse(text, file);
    for (const diagnostic of diagnostics) reporter.add(diagnostic);
    const stages = new Map<string, StageDecl>();
    const imports = new Map<string, ImportDecl>();
    const plugins = new Map<string, PluginDecl>();
    const wellFormed = !diagnostics.some((d) => d.severity === "error");
    const scope: FileScope = { file, base: folderOf(file), text, ast, comments, stages, imports, plugins, wellFormed };
    loaded.set(file, scope);

    const taken = new Map<string, Span>();
    const define = (kind: string, name: Name): boolean => {
      if (name.missing) return false;
      const earlier = taken.get(name.text);
      if (earlier) reporter.add(definedTwice(kind, name, earlier));
      else taken.set(name.text, name.span);
      return !earlier;
    };
    for (const ast of scope.ast.stages) {
      if (define("stage", ast.name)) stages.set(ast.name.text, { ast, scope });
    }
    for (const use of scope.ast.uses) addPlugin(use, scope, plugins, options, reporter, define);
    for (const item of scope.ast.imports) {
      const target = openImport(item, [...importers, file]);
      for (const name of item.names) {
        if (!define("stage", name)) continue;
        const stage = target?.stages.get(name.text) ?? null;
        if (target && !stage) reporter.add(noSuchStage(item, name, target));
        imports.set(name.text, { name, stage });
      }
    }
    return scope;
  };

  const openImport = (item: Import, importers: readonly string[]): FileScope | null => {
    const path = item.from.value;
    if (path === "") return null;
    const found = options.readImport?.(path, importers.at(-1)!) ?? null;
    if (!found) {
      reporter.add(report("KDP5507", { path }, item.from.span));
      return null;
    }
    if (importers.includes(found.file)) {
      const cycle = [...importers.slice(importers.indexOf(found.file)), found.file].join(" -> ");
      reporter.add(report("KDP5506", { cycle }, item.from.span));
      return null;
    }
    return load(found.file, found.text, importers);
  };

  const main = load(source.file, source.text, []);
  return { main, files: [...loaded.values()], sources };
}

function noSuchStage(item: Import, name: Name, target: FileScope): Diagnostic {
  const path = item.from.value;
  const suggestion = didYouMean(name.text, [...target.stages.keys()]);
  if (suggestion !== null) {
    const fixes = [fix(`write \`${suggestion}\``, name.span, suggestion)];
    return report("KDP5507", { path, name: name.text, suggestion }, name.span, { variant: "suggestion", fixes });
  }
  if (!target.wellFormed) return report("KDP5507", { path }, name.span, { variant: "broken" });
  const notes = target.stages.size > 0 ? [`it has: ${[...target.stages.keys()].join(", ")}`] : [];
  return report("KDP5507", { path, name: name.text }, name.span, { variant: "stage", notes });
}

function addPlugin(
  use: Use,
  scope: FileScope,
  plugins: Map<string, PluginDecl>,
  options: CompileOptions,
  reporter: Reporter,
  define: (kind: string, name: Name) => boolean,
): void {
  const { name, range } = splitSpec(use.spec.value);
  if (use.alias?.missing) return;
  const alias = use.alias?.text ?? aliasOf(name);
  const place = use.alias?.span ?? use.spec.span;
  const earlier = plugins.get(alias);
  if (earlier) {
    const related = [{ span: earlier.use.span, label: `\`${alias}\` is this plugin` }];
    const notes = ['give one of them another name: `use "…" as other`'];
    reporter.add(report("KDP1108", { alias }, place, { related, notes }));
    return;
  }
  if (!define("plugin", { text: alias, span: place })) return;
  plugins.set(alias, {
    alias,
    use,
    catalogue: name === "" ? null : resolve(use, name, range, scope, options, reporter),
  });
}

function resolve(
  use: Use,
  name: string,
  range: string | null,
  scope: FileScope,
  options: CompileOptions,
  reporter: Reporter,
): Catalogue | null {
  const found = options.resolvePlugin?.({ name, range }, scope.file);
  if (found?.ok) return createCatalogue([found.manifest]);
  const suggestion = found?.candidates ? didYouMean(name, found.candidates) : null;
  const fixes = suggestion
    ? [fix(`write "${suggestion}"`, use.spec.span, `"${suggestion}${range === null ? "" : `@${range}`}"`)]
    : [];
  const notes = suggestion ? [] : [`install it with \`npm install ${name}\``];
  reporter.add(
    found
      ? report(found.code, { message: found.message }, use.spec.span, { variant: "detail", fixes })
      : report("KDP5501", { plugin: name }, use.spec.span, { notes }),
  );
  return null;
}

/** `@acme/x@^1.2` is a name and a range; the first letter may be an `@` of the name. */
function splitSpec(spec: string): { readonly name: string; readonly range: string | null } {
  const at = spec.indexOf("@", 1);
  return at === -1 ? { name: spec, range: null } : { name: spec.slice(0, at), range: spec.slice(at + 1) || null };
}

/** `@acme/kdp-topology` is `topology` unless the `use` gives it another name. */
function aliasOf(name: string): string {
  const last = name.slice(name.lastIndexOf("/") + 1).replace(/^kdp-/, "");
  return last.replace(/[^A-Za-z0-9_]+/g, "_") || "plugin";
}

/** The part before the last slash; `.` for a bare name. Works for URLs and for Windows paths. */
function folderOf(file: string): string {
  const slash = Math.max(file.lastIndexOf("/"), file.lastIndexOf("\\"));
  return slash === -1 ? "." : slash === 0 ? file.slice(0, 1) : file.slice(0, slash);
}

export function definedTwice(kind: string, name: Name, earlier: Span): Diagnostic {
  return report("KDP1102", { kind, name: name.text }, name.span, {
    label: "a second time here",
    related: [{ span: earlier, label: "first defined here" }],
  });
}
