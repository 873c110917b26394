import type { Span } from "../diagnostics/diagnostic.js";
import type { ArgumentSchemas } from "../library/signature.js";
import type { Cell, FileRef, LessonSpec, NodeKind, NodeType, ParamValue, PlanInput, RunSpec } from "../plan/plan.js";
import { type Axes, cellSuffix, project } from "./axes.js";
import type { RefValue, ResolvedArgument, Value } from "./values.js";

export interface NodeInput {
  readonly port: string;
  readonly index: number | null;
  readonly label: string | null;
  readonly ref: RefValue;
}

export interface NodeDraft {
  readonly stage: string;
  readonly plugin: string;
  readonly kind: NodeKind;
  readonly type: NodeType;
  readonly schemas: ArgumentSchemas;
  readonly params: Readonly<Record<string, ResolvedArgument>>;
  readonly lesson: LessonSpec | null;
  readonly inputs: readonly NodeInput[];
  readonly axes: Axes;
  readonly run: RunSpec;
  readonly span: Span;
}

/** A computation of the plan. It has a name once the `let` that it was made in is evaluated. */
export interface Node extends NodeDraft {
  readonly index: number;
  readonly cell: Cell;
  readonly files: readonly FileRef[];
  name: string;
  readonly aliases: string[];
}

/** The statement whose evaluation makes nodes: they are named after it. */
export interface Landing {
  readonly owner: string;
  readonly run: RunSpec;
  readonly made: { readonly node: Node; readonly labels: readonly string[] }[];
}

export const landingOf = (owner: string, run: RunSpec = {}): Landing => ({ owner, run, made: [] });

/** All nodes of a pipeline. Equal calls on equal inputs are one node. */
export interface NodeTable {
  readonly nodes: readonly Node[];
  /** The node of this computation; made now if there is none yet. */
  intern(draft: NodeDraft, cell: Cell, landing: Landing, labels: readonly string[]): Node;
  /**
   * Names what the statement made: its value `kd` or `teachers.mf`, the rest `kd/rank`. A `let` also gives another name to
   * what was there before; an export does not, as its names are a space of their own.
   */
  land(landing: Landing, value: Value, cell: Cell, options?: { readonly alias: boolean }): void;
}

export function createNodeTable(): NodeTable {
  const nodes: Node[] = [];
  const byKey = new Map<string, Node>();
  const ids = new Set<string>();

  const idOf = (name: string, cell: Cell): string => `${name}${cellSuffix(cell)}`;

  const baptise = (node: Node, wanted: string): void => {
    let name = wanted;
    for (let n = 2; ids.has(idOf(name, node.cell)); n++) name = `${wanted}-${n}`;
    ids.add(idOf(name, node.cell));
    node.name = name;
  };

  const claim = (node: Node, wanted: string, cell: Cell, axes: Axes, alias: boolean): void => {
    if (node.name === "") {
      baptise(node, wanted);
      return;
    }
    if (!alias) return;
    // A name that somebody gave is better than one that says where the node was first met.
    if (node.name.includes("/") && !wanted.includes("/") && axes.length === Object.keys(node.cell).length) {
      node.aliases.push(idOf(node.name, node.cell));
      ids.delete(idOf(node.name, node.cell));
      baptise(node, wanted);
      return;
    }
    const other = idOf(wanted, project(cell, axes));
    if (other === idOf(node.name, node.cell) || node.aliases.includes(other)) return;
    node.aliases.push(other);
  };

  const nameValue = (name: string, value: Value, cell: Cell, alias: boolean): void => {
    // A named output (`let train = split.train`) is a part of the node, not the node.
    if (value.kind === "ref" && value.output === null) claim(value.node, name, cell, value.axes, alias);
    if (value.kind !== "list") return;
    value.elements.forEach((element, index) => {
      nameValue(`${name}.${element.label ?? index}`, element.value, cell, alias);
    });
  };

  return {
    nodes,
    intern: (draft, cell, landing, labels) => {
      const key = keyOf(draft);
      const known = byKey.get(key);
      if (known) return known;
      const node: Node = {
        ...draft,
        index: nodes.length,
        cell: project(cell, draft.axes),
        files: filesOf(draft),
        name: "",
        aliases: [],
      };
      nodes.push(node);
      byKey.set(key, node);
      landing.made.push({ node, labels });
      return node;
    },
    land: (landing, value, cell, options = { alias: true }) => {
      nameValue(landing.owner, value, cell, options.alias);
      for (const { node, labels } of landing.made) {
        // `crowd/bprmf` says as much as `crowd.bprmf/bprmf`.
        const path = labels.at(-1) === node.stage ? labels.slice(0, -1) : labels;
        if (node.name === "") baptise(node, `${[landing.owner, ...path].join(".")}/${node.stage}`);
      }
    },
  };
}

/** Everything that decides what a node computes, and nothing else: no names, labels or places, and of wishes the device. */
function keyOf(draft: NodeDraft): string {
  const params = Object.keys(draft.params)
    .sort()
    .map((name) => [name, draft.params[name]!.value, isPath(draft.schemas, name) ? draft.params[name]!.base : null]);
  const losses = draft.lesson?.losses.map((loss) => [loss.plugin, loss.stage, sorted(loss.params)]) ?? null;
  const inputs = draft.inputs.map(({ port, index, ref }) => [port, index, ref.node.index, ref.output]);
  const { device = null } = draft.run;
  return JSON.stringify([draft.plugin, draft.stage, params, losses, draft.lesson?.baseWeight ?? null, inputs, device]);
}

const sorted = (params: Readonly<Record<string, ParamValue>>): readonly unknown[] =>
  Object.keys(params)
    .sort()
    .map((name) => [name, params[name]]);

function isPath(schemas: ArgumentSchemas, name: string): boolean {
  const schema = schemas[name];
  return schema?.type === "path" || (schema?.type === "list" && schema.items?.type === "path");
}

function filesOf(draft: NodeDraft): readonly FileRef[] {
  return Object.entries(draft.params).flatMap(([param, { value, base }]) => {
    if (!isPath(draft.schemas, param)) return [];
    const paths = Array.isArray(value) ? value : [value];
    return paths.flatMap((path) => (typeof path === "string" ? [{ param, path, base }] : []));
  });
}

export const planInput = (input: NodeInput, idOf: (node: Node) => string): PlanInput => ({
  port: input.port,
  index: input.index,
  label: input.label,
  node: idOf(input.ref.node),
  output: input.ref.output,
});
