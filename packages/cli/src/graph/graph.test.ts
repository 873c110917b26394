import { describe, expect, it } from "vitest";
import { edge, graphNode, LESSON } from "../../test/fixtures/nodes.js";
import { graphModel, timeText } from "./graph-model.js";
import { layoutGraph } from "./layout.js";
import { graphMermaid } from "./mermaid.js";
import { graphSvg } from "./svg.js";

const seeds = (name: string, fields: object = {}) =>
  [0, 1, 2].map((seed) => graphNode({ id: `${name}[seed=${seed}]`, name, cell: { seed }, ...fields }));

const NODES = [
  graphNode({ id: "data", kind: "core", stage: "dataset", params: { source: "a/b/c.tsv.gz" } }),
  graphNode({ id: "split", kind: "split", stage: "random_split", inputs: [edge("dataset", "data")] }),
  graphNode({
    id: "teacher",
    params: { dim: 200 },
    inputs: [edge("events", "split", "train"), edge("valid", "split", "valid")],
  }),
  ...seeds("kd", { lesson: LESSON, inputs: [edge("events", "split", "train"), edge("teachers", "teacher")] }),
  ...[0, 1, 2].map((seed) =>
    graphNode({
      id: `scores.kd[seed=${seed}]`,
      name: "scores.kd",
      kind: "core",
      stage: "evaluate",
      inputs: [edge("model", `kd[seed=${seed}]`), edge("on", "split", "test")],
    }),
  ),
  graphNode({ id: "scores.teacher", kind: "core", stage: "evaluate", inputs: [edge("model", "teacher")] }),
];

describe("the grouped graph", () => {
  const model = graphModel(NODES);
  it("has one box per name and one for a list of evaluations", () => {
    expect(model.boxes.map((box) => [box.name, box.nodes.length, box.role])).toEqual([
      ["data", 1, "step"],
      ["split", 1, "step"],
      ["teacher", 1, "teacher"],
      ["kd", 3, "distilled"],
      ["scores", 4, "step"],
    ]);
    expect(model.boxes.map((box) => box.detail)).toEqual(["c.tsv.gz", "", "dim 200", "rrd + htd", "2 models"]);
  });

  it("tells values that differ by cell beside one another", () => {
    const widths = [4, 8, 4].map((dim, seed) =>
      graphNode({ id: `s${seed}`, name: "s", cell: { seed, dim }, params: { dim } }),
    );
    expect(graphModel(widths).boxes.map((box) => box.detail)).toEqual(["dim 4, 8"]);
  });

  it("keeps one edge between two boxes, the most telling", () => {
    expect(model.edges).toEqual([
      { from: "data", to: "split", kind: "data" },
      { from: "split", to: "teacher", kind: "data" },
      { from: "split", to: "kd", kind: "data" },
      { from: "teacher", to: "kd", kind: "teach" },
      { from: "kd", to: "scores", kind: "data" },
      { from: "split", to: "scores", kind: "held-out" },
      { from: "teacher", to: "scores", kind: "data" },
    ]);
  });
});

describe("the layout", () => {
  it("overlaps no boxes and keeps everything inside", () => {
    const { boxes, edges, width, height } = layoutGraph(graphModel(NODES));
    for (const [index, a] of boxes.entries()) {
      expect(a.x).toBeGreaterThanOrEqual(0);
      expect(a.x + a.width).toBeLessThanOrEqual(width);
      expect(a.y + a.height).toBeLessThanOrEqual(height);
      for (const b of boxes.slice(index + 1)) {
        const apart = a.x + a.width <= b.x || b.x + b.width <= a.x || a.y + a.height <= b.y || b.y + b.height <= a.y;
        expect(apart, `${a.box.name} and ${b.box.name}`).toBe(true);
      }
    }
    for (const { points } of edges) {
      expect(points.length).toBeGreaterThanOrEqual(2);
      for (const point of points) expect(point.y).toBeLessThanOrEqual(height);
    }
  });

  it("runs from left to right", () => {
    const { boxes, edges } = layoutGraph(graphModel(NODES));
    const at = new Map(boxes.map((box) => [box.box.name, box]));
    for (const { edge: link } of edges) {
      expect((at.get(link.from)?.x ?? 0) + (at.get(link.from)?.width ?? 0)).toBeLessThan(at.get(link.to)?.x ?? 0);
    }
  });

  it("takes no detour between neighbours", () => {
    const fan = [
      graphNode({ id: "a" }),
      ...["b", "c", "d", "e", "f"].map((id) => graphNode({ id, inputs: [edge("events", "a")] })),
      graphNode({ id: "z", inputs: ["b", "c", "d", "e", "f"].map((id) => edge("teachers", id)) }),
    ];
    for (const { points } of layoutGraph(graphModel(fan)).edges) {
      const ys = points.map((point) => point.y);
      const [first = 0, last = 0] = [ys[0], ys.at(-1)];
      expect(Math.min(...ys)).toBeGreaterThanOrEqual(Math.min(first, last));
      expect(Math.max(...ys)).toBeLessThanOrEqual(Math.max(first, last));
    }
  });

  it("gives the same picture for the same graph", () => {
    expect(layoutGraph(graphModel(NODES))).toEqual(layoutGraph(graphModel(NODES)));
  });

  it("draws an empty pipeline", () => {
    expect(layoutGraph(graphModel([])).boxes).toEqual([]);
  });

  it("stays readable with a hundred seeds: cells wrap into lines", () => {
    const many = Array.from({ length: 100 }, (_, seed) =>
      graphNode({ id: `s[seed=${seed}]`, name: "s", cell: { seed } }),
    );
    const [box] = layoutGraph(graphModel(many)).boxes;
    expect(box?.width).toBeLessThan(300);
    expect(box?.height).toBeLessThan(220);
  });
});

describe("the picture", () => {
  const draw = (nodes: Parameters<typeof graphModel>[0]) =>
    graphSvg(layoutGraph(graphModel(nodes)), { standalone: true, title: "Pipeline <x>" }).text;

  it("escapes names", () => {
    const svg = draw([graphNode({ id: `<script>"&` }), graphNode({ id: "b", stage: "<b>" })]);
    expect(svg).not.toContain("<script>");
    expect(svg).toContain("&lt;script&gt;&quot;&amp;");
    expect(svg).toContain('<title id="kdp-graph-title">Pipeline &lt;x&gt;</title>');
  });

  it("tells each cell's status in words too", () => {
    const svg = draw([
      graphNode({ id: "a[seed=0]", name: "a", cell: { seed: 0 }, status: "ran", seconds: 2 }),
      graphNode({ id: "a[seed=1]", name: "a", cell: { seed: 1 }, status: "failed", seconds: 1 }),
      graphNode({ id: "a[seed=2]", name: "a", cell: { seed: 2 }, status: "skipped" }),
      graphNode({ id: "b", status: "hit", seconds: 0 }),
    ]);
    for (const text of [
      "a[seed=0]: ran, 2.0 s",
      "a[seed=1]: failed",
      "a[seed=2]: skipped",
      "b: hit",
      "1 failed",
      "cached",
    ]) {
      expect(svg).toContain(text);
    }
  });

  it("sums up the time of a box", () => {
    const ran = (seconds: number) => graphNode({ id: `a${seconds}`, status: "ran", seconds });
    const box = (nodes: ReturnType<typeof graphNode>[]) =>
      ({ name: "a", role: "model", stage: "s", detail: "", nodes }) as const;
    expect(timeText(box([ran(2)]))).toBe("2.0 s");
    expect(timeText(box([ran(10), ran(14)]))).toBe("2 × 12 s");
    expect(timeText(box([graphNode({ id: "p" })]))).toBe("");
  });
});

it("Mermaid text survives quotes, brackets and markup in names", () => {
  const text = graphMermaid(
    graphModel([graphNode({ id: 'a"]<b>#', stage: "s" }), graphNode({ id: "b", inputs: [edge("events", 'a"]<b>#')] })]),
  );
  expect(text).toContain('n0["<b>a#34;#93;#60;b#62;#35;</b><br/>s"]');
  expect(text).toContain("  n0 --> n1\n");
  expect(text.startsWith("flowchart LR\n")).toBe(true);
});
