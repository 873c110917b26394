import type { Cell, LessonSpec } from "@kdp/dsl";
import { rolesOf, type StoryNode, type StoryRole } from "@kdp/runtime/story";
import { formatParam, formatSeconds, plural } from "../text/format.js";

/** A node as the picture needs it: of a plan (no status) or of a manifest. */
export interface GraphNode extends StoryNode {
  readonly cell: Cell;
  readonly status?: "hit" | "ran" | "failed" | "skipped";
  readonly seconds?: number;
}

/** All nodes of one name (or of one list of evaluations): a box with a strip of cells. */
export interface GraphBox {
  readonly name: string;
  readonly role: StoryRole;
  readonly stage: string;
  /** What to know about it at a glance: `dim 8`, `listwise + relational`. */
  readonly detail: string;
  readonly nodes: readonly GraphNode[];
}

export interface GraphEdge {
  readonly from: string;
  readonly to: string;
  /** `teach` for knowledge, `held-out` for valid and test events, `data` for the rest. */
  readonly kind: "teach" | "held-out" | "data";
}

export interface GraphModel {
  readonly boxes: readonly GraphBox[];
  readonly edges: readonly GraphEdge[];
}

/** Groups the nodes of a run by name: five seeds of a student are one box, whatever their number. */
export function graphModel(nodes: readonly GraphNode[]): GraphModel {
  const roles = rolesOf(nodes);
  const names = new Map(nodes.map((node) => [node.id, boxName(node)]));
  const groups = new Map<string, GraphNode[]>();
  for (const node of nodes) groups.set(boxName(node), [...(groups.get(boxName(node)) ?? []), node]);
  const edges = new Map<string, GraphEdge>();
  for (const node of nodes) {
    for (const input of node.inputs) {
      const from = names.get(input.node);
      const to = boxName(node);
      if (from === undefined || from === to) continue;
      const kind = edgeKind(input.port);
      const key = JSON.stringify([from, to, kind]);
      if (!edges.has(key)) edges.set(key, { from, to, kind });
    }
  }
  const boxes = [...groups].map(([name, members]): GraphBox => {
    const first = members[0] as GraphNode;
    const role = roles.get(first.id) ?? "step";
    const list = new Set(members.map((node) => node.name)).size;
    const detail = list > 1 ? plural(list, "model") : detailOf(members);
    return { name, role, stage: first.stage, detail, nodes: members };
  });
  return { boxes, edges: simplify([...edges.values()]) };
}

/** Evaluations of a list, `scores.kd` and `scores.plain`, are told apart by their models: one box is enough. */
function boxName(node: GraphNode): string {
  const dot = node.name.lastIndexOf(".");
  return node.stage === "evaluate" && dot > 0 ? node.name.slice(0, dot) : node.name;
}

function edgeKind(port: string): GraphEdge["kind"] {
  if (port === "teachers" || port === "rankings" || port === "teacher") return "teach";
  return port === "valid" || port === "on" ? "held-out" : "data";
}

/** Between the same two boxes the strongest edge stands for all: a line per port would only be noise. */
function simplify(edges: readonly GraphEdge[]): readonly GraphEdge[] {
  const order: readonly GraphEdge["kind"][] = ["teach", "data", "held-out"];
  const best = new Map<string, GraphEdge>();
  for (const edge of edges) {
    const key = JSON.stringify([edge.from, edge.to]);
    const known = best.get(key);
    if (!known || order.indexOf(edge.kind) < order.indexOf(known.kind)) best.set(key, edge);
  }
  return [...best.values()];
}

const TELLING_PARAMS = ["dim", "hidden", "top", "train", "source", "path", "method"] as const;

/** Values that differ by cell stand beside one another: `dim 4, 8`. */
function detailOf(nodes: readonly GraphNode[]): string {
  const facts = TELLING_PARAMS.flatMap((name) => {
    const isFile = name === "source" || name === "path";
    const values = nodes.flatMap((node) => node.params[name] ?? []).map(formatParam);
    const text = [...new Set(isFile ? values.map(fileName) : values)].join(", ");
    if (text === "") return [];
    return [isFile ? text : `${name} ${text}`];
  });
  const lessons = [...new Set(nodes.flatMap(({ lesson }) => (lesson ? [lessonText(lesson)] : [])))];
  if (lessons.length > 0) facts.unshift(lessons.join(", "));
  return facts.slice(0, 2).join(" · ");
}

const fileName = (path: string): string => path.slice(path.lastIndexOf("/") + 1);

/** `listwise + relational`: the losses of a lesson. */
export function lessonText(lesson: LessonSpec): string {
  return lesson.losses.map((loss) => loss.stage).join(" + ");
}

/** What stands beside the strip: the time spent now, or why none was. */
export function timeText(box: GraphBox): string {
  const count = (status: GraphNode["status"]): number => box.nodes.filter((node) => node.status === status).length;
  if (count("failed") > 0) return count("failed") === box.nodes.length ? "failed" : `${count("failed")} failed`;
  const ran = box.nodes.filter((node) => node.status === "ran");
  if (ran.length > 0) {
    const mean = ran.reduce((sum, node) => sum + (node.seconds ?? 0), 0) / ran.length;
    return ran.length === 1 ? formatSeconds(mean) : `${ran.length} × ${formatSeconds(mean)}`;
  }
  if (count("skipped") > 0) return "skipped";
  return count("hit") > 0 ? "cached" : "";
}
