import type { GateExpr } from "@kdp/dsl";

/** What a gate reads: the values of this run, and those of the run it is compared with. */
export interface GateValues {
  /** NaN when the node measured no such metric. */
  metric(node: string, key: string): number;
  attribute(node: string, attribute: "bytes" | "parameters"): number;
  /** False when the node has no result: the gate is skipped. */
  has(node: string): boolean;
}

export type GateValue =
  | { readonly kind: "value"; readonly value: number }
  | { readonly kind: "skipped" }
  | { readonly kind: "no-baseline" };

const number = (value: number): GateValue => ({ kind: "value", value });

/**
 * Value of a side of a gate, in float64. A failed operand makes the whole side `skipped`; a missing baseline makes it
 * `no-baseline`, unless it is skipped.
 * @param baseline values of the baseline run, null when there is none
 */
export function sideValue(expr: GateExpr, values: GateValues, baseline: GateValues | null): GateValue {
  const inner = (side: GateExpr) => sideValue(side, values, baseline);
  switch (expr.kind) {
    case "number":
      return number(expr.value);
    case "metric":
      return values.has(expr.node) ? number(values.metric(expr.node, expr.key)) : { kind: "skipped" };
    case "attribute":
      return values.has(expr.node) ? number(values.attribute(expr.node, expr.attribute)) : { kind: "skipped" };
    case "unary":
      return combined([inner(expr.operand)], ([x]) => -(x as number));
    case "binary":
      return combined([inner(expr.left), inner(expr.right)], ([x, y]) => BINARY[expr.op](x as number, y as number));
    case "aggregate":
      return combined(expr.items.map(inner), AGGREGATES[expr.fn]);
    case "baseline": {
      const then = baseline ? sideValue(expr.operand, baseline, null) : null;
      return then?.kind === "value" && !Number.isNaN(then.value) ? then : { kind: "no-baseline" };
    }
  }
}

function combined(values: readonly GateValue[], compute: (numbers: readonly number[]) => number): GateValue {
  const missing = values.find(({ kind }) => kind === "skipped") ?? values.find(({ kind }) => kind === "no-baseline");
  return missing ?? number(compute(values.flatMap((value) => (value.kind === "value" ? [value.value] : []))));
}

const BINARY = {
  "+": (x: number, y: number) => x + y,
  "-": (x: number, y: number) => x - y,
  "*": (x: number, y: number) => x * y,
  "/": (x: number, y: number) => x / y,
} as const;

const mean = (xs: readonly number[]) => xs.reduce((sum, x) => sum + x, 0) / xs.length;

/** Over the existing cells; NaN goes through (`Math.min` and `max` keep it, and so does a sum). */
const AGGREGATES = {
  mean,
  min: (xs: readonly number[]) => (xs.length === 0 ? Number.NaN : Math.min(...xs)),
  max: (xs: readonly number[]) => (xs.length === 0 ? Number.NaN : Math.max(...xs)),
  median(xs: readonly number[]): number {
    if (xs.length === 0 || xs.some(Number.isNaN)) return Number.NaN;
    const sorted = [...xs].sort((a, b) => a - b);
    const middle = sorted.length >> 1;
    const upper = sorted[middle] as number;
    return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] as number) + upper) / 2;
  },
  /** Sample deviation (n − 1), in two passes; NaN for a single value. */
  stddev(xs: readonly number[]): number {
    const centre = mean(xs);
    return Math.sqrt(xs.reduce((sum, x) => sum + (x - centre) ** 2, 0) / (xs.length - 1));
  },
} as const;
