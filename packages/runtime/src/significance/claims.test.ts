import type { GateExpr, PlanGate } from "@kdp/dsl";
import { describe, expect, it } from "vitest";
import { claimsOf } from "./claims.js";

const metric = (node: string, key = "ndcg@10"): GateExpr => ({ kind: "metric", node, key });
const number = (value: number): GateExpr => ({ kind: "number", value, text: String(value) });
const mean = (...items: GateExpr[]): GateExpr => ({ kind: "aggregate", fn: "mean", items });
const binary = (op: "+" | "-" | "*" | "/", left: GateExpr, right: GateExpr): GateExpr => ({
  kind: "binary",
  op,
  left,
  right,
});

const gate = (op: PlanGate["op"], ...sides: (readonly [GateExpr, GateExpr])[]): PlanGate =>
  ({
    text: "the gate",
    op,
    instances: sides.map(([left, right]) => ({ cell: {}, left, right })),
  }) as unknown as PlanGate;
const found = (...gates: PlanGate[]) => claimsOf(gates).map(({ better, other }) => `${better} > ${other}`);

describe("claims of gates", () => {
  it("are two sides of one metric, plain or as a mean, the better one first", () => {
    expect(found(gate(">", [metric("a"), metric("b")]))).toEqual(["a > b"]);
    expect(found(gate("<=", [metric("a"), metric("b")]))).toEqual(["b > a"]);
    const means = [mean(metric("a0"), metric("a1")), mean(metric("b0"), metric("b1"))] as const;
    expect(claimsOf([gate(">=", means)])).toEqual([
      { gate: "the gate", key: "ndcg@10", better: ["a0", "a1"], other: ["b0", "b1"] },
    ]);
    expect(found(gate(">", [metric("a0"), metric("b0")], [metric("a1"), metric("b1")]))).toEqual([
      "a0 > b0",
      "a1 > b1",
    ]);
  });

  it("may be a difference against a number", () => {
    expect(found(gate(">", [binary("-", metric("a"), mean(metric("b"))), number(0.01)]))).toEqual(["a > b"]);
    expect(found(gate("<", [binary("-", metric("a"), metric("b")), number(0)]))).toEqual(["b > a"]);
  });

  it.each<[string, PlanGate]>([
    ["two metrics", gate(">", [metric("a"), metric("b", "hit@5")])],
    ["a number", gate(">", [metric("a"), number(0.3)])],
    ["a factor", gate(">=", [metric("a"), binary("*", number(0.9), metric("b"))])],
    ["a sum", gate(">", [binary("+", metric("a"), metric("b")), number(1)])],
    ["spreads", gate(">", [{ kind: "aggregate", fn: "stddev", items: [metric("a")] }, metric("b")])],
    ["sizes", gate("<", [{ kind: "attribute", node: "a", attribute: "bytes" }, metric("b")])],
    ["the run before", gate(">=", [metric("a"), { kind: "baseline", operand: metric("a"), text: "a" }])],
    ["equality", gate("==", [metric("a"), metric("b")])],
  ])("are not made by %s", (_, one) => {
    expect(found(one)).toEqual([]);
  });
});
