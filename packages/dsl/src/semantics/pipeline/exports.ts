import { report } from "../../diagnostics/create-diagnostic.js";
import type { Cell } from "../../plan/plan.js";
import type { Export } from "../../syntax/ast.js";
import { type Axes, cellKey, project } from "../axes.js";
import { evaluateSettled } from "../evaluate.js";
import type { Frame } from "../frame.js";
import { landingOf, type Node } from "../node-table.js";
import { endOf, tailOf, writtenName } from "../places.js";
import { typeName } from "../type-names.js";
import { type ArtifactValue, axesOf, isUnknown, type Value } from "../values.js";
import type { Lets } from "./lets.js";
import { namesIn } from "./references.js";

export interface ExportState {
  readonly ast: Export;
  readonly name: string;
  readonly formats: ArtifactValue["formats"];
  readonly card: boolean;
  readonly instances: readonly { readonly cell: Cell; readonly node: Node }[];
}

/** An export in every cell of its free axes. A list of artifacts is an export for each label. */
export function evaluateExport(ast: Export, lets: Lets, cells: readonly Cell[]): readonly ExportState[] {
  const found = new Map<string, { first: ArtifactValue; instances: Map<string, { cell: Cell; node: Node }> }>();
  const { session } = lets.frame(cells[0] ?? {}, landingOf(ast.name.text));
  let free: Axes | null = null;
  const done = new Set<string>();
  session.reporter.inCells(cells, lets.axesThrough(namesIn(ast.value)), (cell) => {
    // `best_of` has looked into the other cells already.
    if (free && done.has(cellKey(project(cell, free)))) return "same";
    const landing = landingOf(ast.name.text);
    const frame = lets.frame(cell, landing);
    const value = evaluateSettled(ast.value, frame);
    session.nodes.land(landing, modelsOf(value), cell, { alias: false });
    for (const { name, artifact } of artifactsOf(ast.name.text, value)) {
      const entry = found.get(name) ?? { first: artifact, instances: new Map() };
      const own = project(cell, artifact.axes);
      entry.instances.set(cellKey(own), { cell: own, node: artifact.model.node });
      found.set(name, entry);
    }
    refuseOthers(ast, value, frame);
    if (isUnknown(value)) return undefined;
    free ??= axesOf(value);
    done.add(cellKey(project(cell, free)));
    return undefined;
  });
  return [...found].map(([name, { first, instances }]) => ({
    ast,
    name,
    formats: first.formats,
    card: first.card,
    instances: [...instances.values()],
  }));
}

/** What a node made by the export is named after: its model. */
function modelsOf(value: Value): Value {
  if (value.kind === "artifact") return value.model;
  if (value.kind !== "list") return value;
  return { ...value, elements: value.elements.map((element) => ({ ...element, value: modelsOf(element.value) })) };
}

function artifactsOf(name: string, value: Value): readonly { name: string; artifact: ArtifactValue }[] {
  if (value.kind === "artifact") return [{ name, artifact: value }];
  if (value.kind !== "list") return [];
  return value.elements.flatMap((element, index) => artifactsOf(`${name}.${element.label ?? index}`, element.value));
}

function refuseOthers(ast: Export, value: Value, frame: Frame): void {
  const { reporter } = frame.session;
  if (value.kind === "artifact" || value.kind === "unknown") return;
  const isList = value.kind === "list" && value.elements.length > 0;
  if (isList && value.elements.every(({ value: v }) => v.kind === "artifact" || v.kind === "unknown")) return;
  if (value.kind === "stage") {
    const tail = tailOf(ast.value);
    const stage = writtenName(tail) ?? "this stage";
    reporter.add(report("KDP2224", { name: ast.name.text, stage }, ast.value.span));
    return;
  }
  const isModel = value.kind === "ref" && value.type.kind === "Model";
  const text = ' -> artifact(format: "arrow")';
  const fixes = isModel ? [{ title: "make an artifact of it", edits: [{ span: endOf(ast.value.span), text }] }] : [];
  const params = { expected: "Artifact", actual: typeName(value) };
  reporter.add(report("KDP2203", params, ast.value.span, { fixes }));
}
