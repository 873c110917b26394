import type { LessonSpec, NodeType } from "../../plan/plan.js";
import type { Axes } from "../axes.js";
import type { Node, NodeInput } from "../node-table.js";
import type { EventsRef, RefType, RefValue, ResolvedArgument } from "../values.js";
import { headOf, type StageContext } from "./input.js";

export interface NodeFacts {
  readonly type: NodeType;
  readonly inputs: readonly NodeInput[];
  readonly axes: Axes;
  readonly lesson?: LessonSpec | null;
  /** In place of the call's own. */
  readonly params?: Readonly<Record<string, ResolvedArgument>>;
}

/** The node of a call, named after the statement that is being evaluated. */
export function makeNode({ call, place, frame }: StageContext, facts: NodeFacts): Node {
  const { signature } = call;
  return frame.session.nodes.intern(
    {
      stage: signature.stage,
      plugin: signature.plugin,
      kind: signature.kind,
      schemas: signature.params,
      params: facts.params ?? call.params,
      lesson: facts.lesson ?? null,
      inputs: facts.inputs,
      type: facts.type,
      axes: facts.axes,
      run: { ...call.run, ...frame.landing.run },
      span: headOf(call, place),
    },
    frame.cell,
    frame.landing,
    frame.labels,
  );
}

export const single = (port: string, ref: RefValue): NodeInput => ({ port, index: null, label: null, ref });

export const listed = (
  port: string,
  refs: readonly { readonly label: string | null; readonly ref: RefValue }[],
): readonly NodeInput[] => refs.map(({ label, ref }, index) => ({ port, index, label, ref }));

export const refTo = <T extends RefType>(node: Node, type: T, axes: Axes): RefValue & { readonly type: T } => ({
  kind: "ref",
  node,
  output: null,
  type,
  axes,
});

/** The distinct events among some. */
export function distinctEvents(events: readonly EventsRef[]): readonly EventsRef[] {
  const seen = new Map<string, EventsRef>();
  for (const ref of events) {
    const key = `${ref.node.index}.${ref.output}`;
    if (!seen.has(key)) seen.set(key, ref);
  }
  return [...seen.values()];
}

/** An integer or number argument after defaults; null when it is off, missing or of another type. */
export function numberOf(params: Readonly<Record<string, ResolvedArgument>>, name: string): number | null {
  const value = params[name]?.value;
  return typeof value === "number" ? value : null;
}
