import type { GateExpr, PlanGate } from "@kdp/dsl";
import { describe, expect, it } from "vitest";
import { agree, blockedBy, evaluateGates } from "./evaluate-gates.js";
import { type GateValues, sideValue } from "./gate-values.js";

/** `{ "m:ndcg@10": 0.5, "kd:bytes": 100 }`; a node that is not named has no result. */
function values(table: Readonly<Record<string, number>>): GateValues {
  return {
    has: (node) => Object.keys(table).some((name) => name.startsWith(`${node}:`)),
    metric: (node, key) => table[`${node}:${key}`] ?? Number.NaN,
    attribute: (node, attribute) => table[`${node}:${attribute}`] ?? Number.NaN,
  };
}

const number = (value: number): GateExpr => ({ kind: "number", value, text: String(value) });
const metric = (node: string): GateExpr => ({ kind: "metric", node, key: "ndcg@10" });
const baseline = (operand: GateExpr): GateExpr => ({ kind: "baseline", operand, text: "" });
type Fn = Extract<GateExpr, { kind: "aggregate" }>["fn"];
const aggregate = (fn: Fn, ...numbers: number[]): GateExpr => ({ kind: "aggregate", fn, items: numbers.map(number) });
const binary = (op: "+" | "-" | "*" | "/", left: GateExpr, right: GateExpr): GateExpr => ({
  kind: "binary",
  op,
  left,
  right,
});

const computed = (
  expr: GateExpr,
  table: Readonly<Record<string, number>> = {},
  then?: Readonly<Record<string, number>>,
) => sideValue(expr, values(table), then ? values(then) : null);
const isValue = (value: number) => ({ kind: "value", value });

describe("a side of a gate", () => {
  it("computes in float64", () => {
    expect(computed(binary("*", number(0.99), binary("+", number(0.1), number(0.2))))).toEqual(
      isValue(0.99 * (0.1 + 0.2)),
    );
    expect(computed(binary("/", number(1), number(3)))).toEqual(isValue(1 / 3));
    expect(computed({ kind: "unary", op: "-", operand: number(2) })).toEqual(isValue(-2));
    expect(computed(metric("m"), { "m:ndcg@10": 0.25 })).toEqual(isValue(0.25));
    expect(computed({ kind: "attribute", node: "m", attribute: "bytes" }, { "m:bytes": 4e6 })).toEqual(isValue(4e6));
  });

  it("aggregates over the cells that exist", () => {
    expect(computed(aggregate("mean", 1, 2, 6))).toEqual(isValue(3));
    expect(computed(aggregate("median", 9, 1, 2))).toEqual(isValue(2));
    expect(computed(aggregate("median", 9, 1, 2, 4))).toEqual(isValue(3));
    expect(computed(aggregate("min", 3, -1, 2))).toEqual(isValue(-1));
    expect(computed(aggregate("max", 3, -1, 2))).toEqual(isValue(3));
    // Sample deviation of 2, 4, 4, 4, 5, 5, 7, 9: the squares sum to 32, n - 1 = 7.
    expect(computed(aggregate("stddev", 2, 4, 4, 4, 5, 5, 7, 9))).toEqual(isValue(Math.sqrt(32 / 7)));
  });

  it("is not a number when one of its values is not", () => {
    for (const fn of ["mean", "median", "min", "max", "stddev"] as const) {
      expect(computed(aggregate(fn, 1, Number.NaN, 3)), fn).toEqual(isValue(Number.NaN));
    }
    expect(computed(aggregate("stddev", 1))).toEqual(isValue(Number.NaN));
    expect(computed(metric("m"), { "m:hit@1": 1 })).toEqual(isValue(Number.NaN));
  });

  it("is skipped without its node, and lacks a baseline without that run", () => {
    expect(computed(binary("+", metric("gone"), number(1)))).toEqual({ kind: "skipped" });
    const now = { "m:ndcg@10": 0.5 };
    expect(computed(binary("*", number(0.5), baseline(metric("m"))), now, { "m:ndcg@10": 0.4 })).toEqual(isValue(0.2));
    expect(computed(baseline(metric("m")), now)).toEqual({ kind: "no-baseline" });
    expect(computed(baseline(metric("m")), now, { "other:ndcg@10": 0.4 })).toEqual({ kind: "no-baseline" });
    expect(computed(baseline(metric("m")), now, { "m:hit@1": 0.4 })).toEqual({ kind: "no-baseline" });
    expect(computed(binary("+", baseline(metric("m")), metric("gone")), now)).toEqual({ kind: "skipped" });
  });
});

interface Case {
  readonly op?: PlanGate["op"];
  readonly onFailure?: "fail" | "warn";
  readonly instances: PlanGate["instances"];
}

const gate = ({ op = ">", onFailure = "fail", instances }: Case): PlanGate => ({
  text: "the gate",
  op,
  onFailure,
  message: null,
  span: { file: "", start: 0, end: 0 },
  instances,
});

function judge(which: Case, table: Readonly<Record<string, number>> = {}, requireBaseline = false) {
  return evaluateGates([gate(which)], { values: values(table), baseline: null, requireBaseline })[0];
}

const compare = (op: PlanGate["op"], left: number, right: number) =>
  judge({ op, instances: [{ cell: {}, left: number(left), right: number(right) }] })?.status;

describe("a gate", () => {
  it("compares without rounding", () => {
    expect(compare(">", 0.1 + 0.2, 0.3)).toBe("passed");
    expect(compare("==", 0.1 + 0.2, 0.3)).toBe("failed");
    expect(compare("<=", 1, 1)).toBe("passed");
    expect(compare("<", 1, 1)).toBe("failed");
    expect(compare(">=", 2, 1)).toBe("passed");
    expect(compare("!=", 2, 1)).toBe("passed");
  });

  it.each(["<", "<=", ">", ">=", "==", "!="] as const)("never passes NaN: %s", (op) => {
    expect(compare(op, Number.NaN, 1)).toBe("failed");
    expect(compare(op, 1, Number.NaN)).toBe("failed");
  });

  it("has the status of its worst cell and tells the values of each", () => {
    const instances = [0, 1].map((seed) => ({ cell: { seed }, left: metric(`m${seed}`), right: number(0.5) }));
    const table = { "m0:ndcg@10": 0.6, "m1:ndcg@10": 0.4 };
    expect(judge({ instances }, table)).toMatchObject({
      status: "failed",
      cells: [
        { cell: { seed: 0 }, left: 0.6, right: 0.5, status: "passed" },
        { cell: { seed: 1 }, left: 0.4, right: 0.5, status: "failed" },
      ],
    });
    expect(judge({ instances, onFailure: "warn" }, table)?.status).toBe("warned");
    expect(judge({ instances }, { "m0:ndcg@10": 0.6 })).toMatchObject({
      status: "skipped",
      cells: [{}, { left: null }],
    });
  });

  it("that needs a baseline passes with a notice, unless one is required", () => {
    const instances = [{ cell: {}, left: metric("m"), right: baseline(metric("m")) }];
    expect(judge({ instances }, { "m:ndcg@10": 1 })?.status).toBe("no-baseline");
    expect(judge({ instances }, { "m:ndcg@10": 1 }, true)?.status).toBe("failed");
    expect(judge({ instances, onFailure: "warn" }, { "m:ndcg@10": 1 }, true)?.status).toBe("warned");
  });
});

describe("an export", () => {
  const judged = (status: "passed" | "failed" | "warned" | "no-baseline" | "skipped", cell: Record<string, number>) => [
    {
      text: "a > b",
      message: null,
      op: ">",
      onFailure: "fail" as const,
      status,
      cells: [{ cell, left: 0, right: 0, status }],
    },
  ];

  it("is held back by a failed cell that agrees with its own on every axis both have", () => {
    expect(agree({ seed: 0, dim: 8 }, { seed: 0 })).toBe(true);
    expect(agree({ seed: 0 }, { seed: 0, dim: 8 })).toBe(true);
    expect(agree({ seed: 0 }, { dim: 8 })).toBe(true);
    expect(agree({ seed: 0, dim: 8 }, { seed: 0, dim: 16 })).toBe(false);
    // An axis may have any name, those that every object inherits too.
    expect(agree({ constructor: 1 }, {})).toBe(true);
    expect(agree({ constructor: 1 }, { constructor: 2 })).toBe(false);
    expect(blockedBy({ seed: 0 }, judged("failed", { seed: 1 }))).toBeNull();
    expect(blockedBy({ seed: 1 }, judged("failed", { seed: 1, dim: 8 }))).toBe("gate failed: a > b");
    expect(blockedBy({}, judged("failed", { seed: 1 }))).toBe("gate failed: a > b");
  });

  it("is held back by a gate that could not be evaluated, not by one that only warns", () => {
    expect(blockedBy({}, judged("skipped", {}))).toBe("gate skipped: a > b");
    for (const status of ["passed", "warned", "no-baseline"] as const)
      expect(blockedBy({}, judged(status, {}))).toBeNull();
  });
});
