import { describe, expect, it } from "vitest";
import type { Plan } from "../src/plan/plan.js";
import { type CaseOptions, compileCase, readCase } from "./compile-case.js";

const ROOT = new URL("./baselines/", import.meta.url).pathname;

function planOf(text: string, options: CaseOptions = {}): Plan {
  const { plan, diagnostics } = compileCase({ files: new Map([["main.kdp", text]]), options });
  if (!plan) throw new Error(diagnostics.map(({ message }) => message).join("\n"));
  return plan;
}

/** What decides the results: places and origins left out. */
const computations = ({ nodes }: Plan) =>
  nodes.map(({ span, origins, lesson, ...rest }) => ({
    ...rest,
    lesson: lesson && { ...lesson, losses: lesson.losses.map(({ origins: _, ...loss }) => loss) },
  }));

/** The same without names, inputs told by position. */
function anonymous(plan: Plan) {
  const position = new Map(plan.nodes.map(({ id }, index) => [id, index]));
  return computations(plan).map(({ id: _i, name: _n, aliases: _a, cell: _c, inputs, ...rest }) => ({
    ...rest,
    inputs: inputs.map(({ port, index, node, output }) => [port, index, position.get(node), output]),
  }));
}

const rrd = readCase(`${ROOT}example-rrd`).files.get("main.kdp") ?? "";

describe("compile", () => {
  it("is pure", () => {
    const example = readCase(`${ROOT}example-ci`);
    expect(compileCase(example)).toEqual(compileCase(example));
  });

  it("plans the same whatever comments and white space say", () => {
    const spaced = rrd.replace(/\n/g, "\n\n  // more\n").replace(/ = /g, "  =  ");
    expect(computations(planOf(spaced))).toEqual(computations(planOf(rrd)));
  });

  it("plans the same computations whatever things are called", () => {
    const renamed = rrd
      .replace(/\bkd\b/g, "taught")
      .replace(/\bsplit\b/g, "parts")
      .replace(/\bteacher\b/g, "big");
    expect(planOf(renamed).nodes.map(({ name }) => name)).toContain("taught");
    expect(anonymous(planOf(renamed))).toEqual(anonymous(planOf(rrd)));
  });

  it("plans the same whether arrows are grouped or not", () => {
    const grouped = rrd
      .replace(/let kd = teacher([\s\S]*?)-> student/, "let kd = teacher -> ($1 -> student)")
      .replace("(\n    ->", "(");
    expect(grouped).not.toBe(rrd);
    expect(anonymous(planOf(grouped))).toEqual(anonymous(planOf(rrd)));
  });

  it("knows where every value comes from", () => {
    const text = rrd
      .replace("param seed: int = 0", "param seed: int\n  param rate: float = 0.01\n  matrix { seed: [3] }")
      .replace("bprmf(dim: dim,", "bprmf(dim: dim, learning_rate: rate, epochs: 7,")
      .replace("rrd(interesting: 40,", "listwise(interesting: 40,");
    const plan = planOf(text, { set: { dim: "30" }, params: { rate: 0.5 } });
    const student = plan.nodes.find(({ name }) => name === "kd");
    expect(student?.params).toMatchObject({ dim: 30, seed: 3, learning_rate: 0.5, epochs: 7, batch: 1024 });
    expect(student?.origins).toMatchObject({
      dim: { kind: "param", param: "dim", value: "set" },
      seed: { kind: "param", param: "seed", value: "cell" },
      learning_rate: { kind: "param", param: "rate", value: "file" },
      batch: { kind: "default", plugin: "@kdp/plugins" },
    });
    expect(student?.origins.epochs).toMatchObject({ kind: "source", span: { file: "main.kdp" } });
    const [loss] = student?.lesson?.losses ?? [];
    expect(loss).toMatchObject({ stage: "rrd", origins: { sampling: { kind: "preset", alias: "listwise" } } });
    expect(plan.params.find(({ name }) => name === "seed")).toMatchObject({ value: null, origin: null });
  });

  it("makes a node once for each combination of the axes that reach it", () => {
    const { plan } = compileCase(readCase(`${ROOT}example-ci`));
    const count = (name: string) => plan?.nodes.filter((node) => node.name === name).length;
    expect(plan?.cells).toHaveLength(8);
    expect(count("teachers.mf")).toBe(1);
    expect(count("target")).toBe(1);
    expect(count("kd")).toBe(8);
    expect(count("best")).toBe(3);
    const blocked = plan?.nodes.find(({ id }) => id === "best[dim=32]");
    expect(blocked?.inputs.filter(({ port }) => port === "candidates").map(({ node }) => node)).toEqual([
      "kd[seed=0,dim=32]",
      "kd[seed=1,dim=32]",
    ]);
  });

  it("tells computations apart by device, not by other wishes", () => {
    const pipeline = (first: string, second: string) => `kdp 1
pipeline p {
  let split = dataset("d.tsv") -> leave_one_out
  ${first} let a = split.train -> bprmf(dim: 8)
  ${second} let b = split.train -> bprmf(dim: 8)
  let e = [a, b] -> each evaluate(on: split.test, metrics: [hit@5])
}`;
    const models = (text: string) => planOf(text).nodes.filter(({ kind }) => kind === "model").length;
    expect(models(pipeline("@run(gpu: 1)", "@run(retries: 2)"))).toBe(1);
    expect(models(pipeline('@run(device: "cpu")', '@run(device: "webgpu")'))).toBe(2);
  });
});
