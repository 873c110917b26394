import type { Cell, ParamValue, PlanInput } from "@kdp/dsl";
import { describe, expect, it } from "vitest";
import type { ManifestMetric, ManifestNode } from "../run/manifest.js";
import type { Claim } from "./claims.js";
import { findPairs } from "./find-pairs.js";

const edge = (port: string, node: string, output: string | null = null): PlanInput => ({
  port,
  index: null,
  label: null,
  node,
  output,
});
const cellParam = (param: string) => ({ kind: "param", param, value: "cell" }) as const;
const suffix = (cell: Cell): string => {
  const parts = Object.entries(cell).map(([axis, value]) => `${axis}=${value}`);
  return parts.length === 0 ? "" : `[${parts.join(",")}]`;
};

const node = (name: string, cell: Cell, fields: Partial<ManifestNode>): ManifestNode =>
  ({
    id: name + suffix(cell),
    name,
    stage: "bprmf",
    kind: "model",
    cell,
    key: `key of ${name}${suffix(cell)}`,
    params: {},
    origins: Object.fromEntries(Object.keys(cell).map((axis) => [axis, cellParam(axis)])),
    lesson: null,
    inputs: [],
    ...fields,
  }) as ManifestNode;

const student = (name: string, cell: Cell, taught: boolean): ManifestNode =>
  node(name, cell, {
    params: { ...cell, epochs: 5 },
    ...(taught ? { lesson: { losses: [], baseWeight: 1 }, inputs: [edge("teachers", "teacher")] } : {}),
  });

const evaluation = (of: ManifestNode, params: Record<string, ParamValue> = {}, on = "split"): ManifestNode =>
  node(`scores.${of.name}`, of.cell, {
    stage: "evaluate",
    kind: "core",
    params: { candidates: null, candidate_seed: 0, ...params },
    inputs: [edge("model", of.id), edge("on", on, "test")],
  });

const row = (of: ManifestNode, group = "all", epoch?: number): ManifestMetric => ({
  node: of.id,
  cell: of.cell,
  split: "test",
  metric: "recall",
  cutoff: 50,
  group,
  value: 0.5,
  ...(epoch === undefined ? {} : { epoch }),
});

const teacher = node("teacher", {}, {});

function pairsOf(
  models: readonly ManifestNode[],
  evaluations: readonly ManifestNode[],
  rows = evaluations.map((e) => row(e)),
  claims: readonly Claim[] = [],
) {
  const axes: Record<string, number[]> = { seed: [0, 1], dim: [2, 4] };
  return findPairs({ nodes: [teacher, ...models, ...evaluations], axes, metrics: rows }, claims).map((pair) => ({
    told: `${pair.model}${suffix(pair.cell)} - ${pair.baseline}, ${pair.metric}@${pair.cutoff}${pair.gate ? `, ${pair.gate}` : ""}`,
    evaluations: pair.evaluations.map(({ taught, plain }) => `${taught.id} - ${plain.id}`),
  }));
}

describe("pairs of a run", () => {
  it("match seeds with seeds, and widths with widths", () => {
    const cells = [2, 4].flatMap((dim) => [0, 1].map((seed) => ({ seed, dim })));
    const models = cells.flatMap((cell) => [student("plain", cell, false), student("kd", cell, true)]);
    expect(
      pairsOf(
        models,
        models.map((model) => evaluation(model)),
      ),
    ).toEqual([
      {
        told: "kd[dim=2] - plain, recall@50",
        evaluations: [
          "scores.kd[seed=0,dim=2] - scores.plain[seed=0,dim=2]",
          "scores.kd[seed=1,dim=2] - scores.plain[seed=1,dim=2]",
        ],
      },
      {
        told: "kd[dim=4] - plain, recall@50",
        evaluations: [
          "scores.kd[seed=0,dim=4] - scores.plain[seed=0,dim=4]",
          "scores.kd[seed=1,dim=4] - scores.plain[seed=1,dim=4]",
        ],
      },
    ]);
  });

  it("leave out seeds that only one of the two has, and use a single plain student for all", () => {
    const kd = [0, 1].map((seed) => student("kd", { seed }, true));
    const plain = student("plain", { seed: 1 }, false);
    const alone = { ...student("plain", {}, false), params: { epochs: 5, seed: 7 } };
    const evaluations = (of: ManifestNode) => [...kd, of].map((model) => evaluation(model));
    expect(pairsOf([...kd, plain], evaluations(plain)).map((pair) => pair.evaluations)).toEqual([
      ["scores.kd[seed=1] - scores.plain[seed=1]"],
    ]);
    expect(pairsOf([...kd, alone], evaluations(alone)).map((pair) => pair.evaluations)).toEqual([
      ["scores.kd[seed=0] - scores.plain", "scores.kd[seed=1] - scores.plain"],
    ]);
  });

  it("are of the same events and the same candidates", () => {
    const [kd, plain] = [student("kd", { seed: 0 }, true), student("plain", { seed: 0 }, false)];
    const with_ = (one: ManifestNode, other: ManifestNode) => pairsOf([kd, plain], [one, other]).length;
    expect(with_(evaluation(kd, { candidate_seed: 1 }), evaluation(plain))).toBe(1);
    expect(with_(evaluation(kd, { candidates: 99 }), evaluation(plain, { candidates: 99 }))).toBe(1);
    expect(with_(evaluation(kd, { candidates: 99 }), evaluation(plain))).toBe(0);
    expect(with_(evaluation(kd, { candidates: 99, candidate_seed: 1 }), evaluation(plain, { candidates: 99 }))).toBe(0);
    expect(with_(evaluation(kd, {}, "other split"), evaluation(plain))).toBe(0);
  });

  it("leave groups and snapshots out", () => {
    const [kd, plain] = [student("kd", { seed: 0 }, true), student("plain", { seed: 0 }, false)];
    const scores = [evaluation(kd), evaluation(plain)];
    expect(
      pairsOf(
        [kd, plain],
        scores,
        scores.flatMap((e) => [row(e, "cluster/0"), row(e, "all", 3)]),
      ),
    ).toEqual([]);
  });

  describe("that a gate compares", () => {
    const seeds = [0, 1].map((seed) => ({ seed }));
    const models = seeds.flatMap((cell) => [
      student("plain", cell, false),
      student("one", cell, true),
      student("two", cell, true),
    ]);
    const evaluations = [...models, teacher].map((model) => evaluation(model));
    const claim = (better: string, other: string, key = "recall@50"): Claim => ({
      gate: `${better} > ${other}`,
      key,
      better: [better],
      other: [other],
    });
    const beyond = (...claims: Claim[]) =>
      pairsOf(
        models,
        evaluations,
        evaluations.map((e) => row(e)),
        claims,
      ).slice(2);

    it("are compared seed by seed, once", () => {
      const gates = seeds.map(({ seed }) => claim(`scores.two[seed=${seed}]`, `scores.one[seed=${seed}]`));
      expect(beyond(...gates)).toEqual([
        {
          told: "two - one, recall@50, scores.two[seed=0] > scores.one[seed=0]",
          evaluations: ["scores.two[seed=0] - scores.one[seed=0]", "scores.two[seed=1] - scores.one[seed=1]"],
        },
      ]);
    });

    it("may have no seed on one side", () => {
      const told = (one: Claim) => beyond(one).map(({ evaluations: found }) => found);
      expect(told(claim("scores.teacher", "scores.one[seed=0]"))).toEqual([
        ["scores.teacher - scores.one[seed=0]", "scores.teacher - scores.one[seed=1]"],
      ]);
      expect(told(claim("scores.one[seed=1]", "scores.teacher"))).toEqual([
        ["scores.one[seed=0] - scores.teacher", "scores.one[seed=1] - scores.teacher"],
      ]);
    });

    it("are left out where the plain student is one of them, a metric was not measured, or a side is several models", () => {
      expect(
        beyond(
          claim("scores.one[seed=0]", "scores.plain[seed=0]"),
          claim("scores.plain[seed=1]", "scores.two[seed=1]"),
          claim("scores.two[seed=0]", "scores.one[seed=0]", "ndcg@10"),
          {
            ...claim("scores.two[seed=0]", "scores.plain[seed=0]"),
            other: ["scores.plain[seed=0]", "scores.one[seed=0]"],
          },
        ),
      ).toEqual([]);
    });
  });
});
