import { report } from "../../diagnostics/create-diagnostic.js";
import type { FileScope } from "../files.js";
import type { Usage } from "../frame.js";
import type { EvaluatedPipeline } from "../pipeline/pipeline.js";
import { isRoot } from "../pipeline/reachable.js";
import { namesIn } from "../pipeline/references.js";
import type { Reporter } from "../reporter.js";

/** KDP1106 and KDP1107 for the `let`s and params of a pipeline. Roots are exports, gates, and metrics. */
export function checkUnusedNames(pipeline: EvaluatedPipeline, reporter: Reporter): void {
  const { ast, lets, session, params } = pipeline;
  for (const { ast: param } of params.values()) {
    const { name } = param;
    if (!session.usage.has(name.span)) reporter.add(report("KDP1106", { kind: "param", name: name.text }, name.span));
  }
  const reached = new Set<number>();
  const reach = (start: number): void => {
    const open = [start];
    for (let index = open.pop(); index !== undefined; index = open.pop()) {
      if (reached.has(index)) continue;
      reached.add(index);
      open.push(...lets.read(namesIn(lets.lets[index]!.value), index));
    }
  };
  for (const statement of ast.statements) {
    if (statement.kind === "export") for (const index of lets.read(namesIn(statement.value))) reach(index);
    if (statement.kind === "expect") {
      for (const side of [statement.left, statement.right]) for (const index of lets.read(namesIn(side))) reach(index);
    }
  }
  lets.lets.forEach((_, index) => {
    if (lets.valuesOf(index).some(isRoot)) reach(index);
  });
  const counts = new Map<string, number>();
  for (const { name } of lets.lets) counts.set(name.text, (counts.get(name.text) ?? 0) + 1);
  lets.lets.forEach(({ name }, index) => {
    // Of two with one name it cannot be told which is meant.
    if (reached.has(index) || name.missing || counts.get(name.text)! > 1) return;
    const diagnostic = session.usage.has(name.span)
      ? report("KDP1107", { name: name.text }, name.span)
      : report("KDP1106", { kind: "let", name: name.text }, name.span);
    reporter.add(diagnostic);
  });
}

/** KDP1106 for imports and plugins of the file. */
export function checkUnusedImports(file: FileScope, usage: Usage, reporter: Reporter): void {
  // What could not be had has been reported; whether it would be used is another matter.
  for (const { name, stage } of file.imports.values()) {
    if (stage && !usage.has(name.span)) reporter.add(report("KDP1106", { kind: "import", name: name.text }, name.span));
  }
  for (const { alias, use, catalogue } of file.plugins.values()) {
    if (catalogue && !usage.has(use.span))
      reporter.add(report("KDP1106", { kind: "plugin", name: alias }, use.spec.span));
  }
}
