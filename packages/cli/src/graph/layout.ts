import { Graph, type GraphLabel, layout, type NodeLabel } from "@dagrejs/dagre";
import { measure, type SizedBox } from "./box-size.js";
import type { GraphEdge, GraphModel } from "./graph-model.js";

export interface Point {
  readonly x: number;
  readonly y: number;
}

/** A box with the place of its upper left corner. */
export interface PlacedBox extends SizedBox, Point {}

export interface PlacedEdge {
  readonly edge: GraphEdge;
  readonly points: readonly Point[];
}

export interface GraphLayout {
  readonly width: number;
  readonly height: number;
  readonly boxes: readonly PlacedBox[];
  readonly edges: readonly PlacedEdge[];
}

const MARGIN = 8;

/** Left-to-right layered layout. The order of the input decides ties, so equal graphs give equal pictures. */
export function layoutGraph(model: GraphModel): GraphLayout {
  const graph = new Graph<GraphLabel, NodeLabel>();
  graph.setGraph({ rankdir: "LR", nodesep: 16, ranksep: 44 });
  graph.setDefaultEdgeLabel(() => ({}));
  const sized = model.boxes.map(measure);
  for (const box of sized) graph.setNode(box.box.name, { width: box.width, height: box.height });
  for (const edge of model.edges) graph.setEdge(edge.from, edge.to);
  layout(graph);
  const boxes = alignColumns(sized, (name) => graph.node(name));
  const bends = (edge: GraphEdge): readonly Point[] => {
    const label = graph.edge(edge.from, edge.to) as { points?: readonly Point[] } | undefined;
    // The outer two points lie on the outlines, wherever a line to the centre cuts them; ports replace them. A single one
    // between neighbouring layers is room for a label that no edge has: only longer edges must go around boxes.
    const inner = label?.points?.slice(1, -1) ?? [];
    return inner.length > 1 ? inner : [];
  };
  return fit(boxes, connect(model.edges, boxes, bends));
}

/** Moves everything to the origin and measures it; columns of one width and bends can reach past dagre's own size. */
function fit(boxes: readonly PlacedBox[], edges: readonly PlacedEdge[]): GraphLayout {
  const points = edges.flatMap((edge) => edge.points);
  const xs = [...boxes.flatMap((box) => [box.x, box.x + box.width]), ...points.map((point) => point.x)];
  const ys = [...boxes.flatMap((box) => [box.y, box.y + box.height]), ...points.map((point) => point.y)];
  if (boxes.length === 0) return { width: 2 * MARGIN, height: 2 * MARGIN, boxes, edges };
  const [left, top] = [Math.min(...xs) - MARGIN, Math.min(...ys) - MARGIN];
  const move = <T extends Point>(point: T): T => ({ ...point, x: point.x - left, y: point.y - top });
  return {
    width: Math.ceil(Math.max(...xs) - left + MARGIN),
    height: Math.ceil(Math.max(...ys) - top + MARGIN),
    boxes: boxes.map(move),
    edges: edges.map((edge) => ({ ...edge, points: edge.points.map(move) })),
  };
}

/** Boxes of one layer get one width, so that their edges line up. */
function alignColumns(sized: readonly SizedBox[], at: (name: string) => NodeLabel): readonly PlacedBox[] {
  const columns = new Map<number, number>();
  const column = (box: SizedBox): number => Math.round(at(box.box.name).x ?? 0);
  for (const box of sized) columns.set(column(box), Math.max(columns.get(column(box)) ?? 0, box.width));
  return sized.map((box): PlacedBox => {
    const center = at(box.box.name);
    const width = columns.get(column(box)) ?? box.width;
    return { ...box, width, x: (center.x ?? 0) - width / 2, y: (center.y ?? 0) - box.height / 2 };
  });
}

/** Edges leave on the right and arrive on the left, each at a height of its own, ordered so that few cross. */
function connect(
  edges: readonly GraphEdge[],
  boxes: readonly PlacedBox[],
  bends: (edge: GraphEdge) => readonly Point[],
): readonly PlacedEdge[] {
  const byName = new Map(boxes.map((box) => [box.box.name, box]));
  const middle = (box: PlacedBox): number => box.y + box.height / 2;
  const ports = (side: "from" | "to"): ReadonlyMap<GraphEdge, number> => {
    const heights = new Map<GraphEdge, number>();
    for (const box of boxes) {
      const own = edges.filter((edge) => edge[side] === box.box.name);
      const towards = (edge: GraphEdge): number => {
        const bend = side === "from" ? bends(edge)[0] : bends(edge).at(-1);
        const other = byName.get(side === "from" ? edge.to : edge.from);
        return bend?.y ?? (other ? middle(other) : 0);
      };
      const sorted = [...own].sort((a, b) => towards(a) - towards(b));
      for (const [index, edge] of sorted.entries()) {
        const share = (index + 1) / (sorted.length + 1);
        heights.set(edge, box.y + box.height * (0.15 + 0.7 * share));
      }
    }
    return heights;
  };
  const [starts, ends] = [ports("from"), ports("to")];
  return edges.flatMap((edge): readonly PlacedEdge[] => {
    const [from, to] = [byName.get(edge.from), byName.get(edge.to)];
    if (!from || !to) return [];
    const start = { x: from.x + from.width, y: starts.get(edge) ?? middle(from) };
    const end = { x: to.x, y: ends.get(edge) ?? middle(to) };
    return [{ edge, points: [start, ...bends(edge), end] }];
  });
}
