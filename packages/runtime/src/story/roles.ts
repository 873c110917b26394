import type { LessonSpec, NodeKind, ParamValue, PlanInput } from "@kdp/dsl";

/** The part of a node that tells what it is in the story: both a plan's and a manifest's nodes have it. */
export interface StoryNode {
  readonly id: string;
  readonly name: string;
  readonly stage: string;
  readonly kind: NodeKind;
  readonly params: Readonly<Record<string, ParamValue>>;
  readonly lesson: LessonSpec | null;
  readonly inputs: readonly PlanInput[];
}

/** What a node is in the story of the run. `model`: trained, but neither taught, teaching, nor anybody's baseline. */
export type StoryRole = "teacher" | "plain" | "distilled" | "model" | "step";

const TEACHING_PORTS: ReadonlySet<string> = new Set(["teachers", "rankings", "teacher", "candidates"]);

/** True for nodes that answer "which items for this user" and so can be evaluated. */
export function isModel(node: StoryNode): boolean {
  return node.kind === "model" || node.kind === "teacher" || node.kind === "ensemble";
}

/**
 * Role of each node by id. A distilled student stays one even when it teaches another in turn; a teacher is whatever a
 * student learns from, directly or through a ranking or an ensemble; a plain student is an untaught model of a
 * distilled one's stage.
 */
export function rolesOf(nodes: readonly StoryNode[]): ReadonlyMap<string, StoryRole> {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const teachers = new Set<string>();
  const pending = nodes.filter((node) => node.lesson !== null);
  for (let node = pending.pop(); node; node = pending.pop()) {
    for (const input of node.inputs) {
      if (!TEACHING_PORTS.has(input.port) || teachers.has(input.node)) continue;
      teachers.add(input.node);
      const source = byId.get(input.node);
      if (source) pending.push(source);
    }
  }
  const taughtStages = new Set(nodes.filter((node) => node.lesson !== null).map((node) => node.stage));
  return new Map(
    nodes.map((node): [string, StoryRole] => {
      if (node.lesson !== null) return [node.id, "distilled"];
      if (!isModel(node)) return [node.id, "step"];
      if (teachers.has(node.id)) return [node.id, "teacher"];
      return [node.id, taughtStages.has(node.stage) ? "plain" : "model"];
    }),
  );
}
