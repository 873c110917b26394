import type { Cell, PlanGate } from "@kdp/dsl";
import type { GateStatus, ManifestGate } from "../run/manifest.js";
import { type GateValue, type GateValues, sideValue } from "./gate-values.js";

export interface GateOptions {
  readonly values: GateValues;
  readonly baseline: GateValues | null;
  /** `--require-baseline`: without a baseline a gate that reads one fails. */
  readonly requireBaseline: boolean;
}

/** Worst first: a gate has the status of its worst cell. */
const ORDER: readonly GateStatus[] = ["failed", "warned", "skipped", "no-baseline", "passed"];

const COMPARE: Readonly<Record<PlanGate["op"], (left: number, right: number) => boolean>> = {
  "<": (left, right) => left < right,
  "<=": (left, right) => left <= right,
  ">": (left, right) => left > right,
  ">=": (left, right) => left >= right,
  "==": (left, right) => left === right,
  "!=": (left, right) => left !== right,
};

/** Compares both sides of every gate in every cell, in float64 without rounding. NaN passes no comparison, `!=` included. */
export function evaluateGates(gates: readonly PlanGate[], options: GateOptions): readonly ManifestGate[] {
  return gates.map((gate) => {
    const cells = gate.instances.map(({ cell, left, right }) => {
      const sides = [left, right].map((side) => sideValue(side, options.values, options.baseline)) as [
        GateValue,
        GateValue,
      ];
      return { cell, left: shown(sides[0]), right: shown(sides[1]), status: statusOf(gate, sides, options) };
    });
    const status = ORDER.find((candidate) => cells.some((cell) => cell.status === candidate)) ?? "passed";
    return { text: gate.text, message: gate.message, op: gate.op, onFailure: gate.onFailure, status, cells };
  });
}

const shown = (side: GateValue): number | null =>
  side.kind === "value" && Number.isFinite(side.value) ? side.value : null;

function statusOf(gate: PlanGate, [left, right]: readonly [GateValue, GateValue], options: GateOptions): GateStatus {
  const failure = gate.onFailure === "warn" ? "warned" : "failed";
  if (left.kind === "skipped" || right.kind === "skipped") return "skipped";
  if (left.kind === "no-baseline" || right.kind === "no-baseline") {
    return options.requireBaseline ? failure : "no-baseline";
  }
  const known = !Number.isNaN(left.value) && !Number.isNaN(right.value);
  return known && COMPARE[gate.op](left.value, right.value) ? "passed" : failure;
}

/** Whether two cells agree on every axis that both have. */
export function agree(a: Cell, b: Cell): boolean {
  return Object.keys(a).every((axis) => !Object.hasOwn(b, axis) || a[axis] === b[axis]);
}

/**
 * Why an export of a cell is held back; null when it is not. A gate that could not be evaluated holds back as a failed one
 * does: nothing goes out unproven.
 */
export function blockedBy(cell: Cell, gates: readonly ManifestGate[]): string | null {
  for (const gate of gates) {
    const blocking = gate.cells.find(
      ({ cell: other, status }) => (status === "failed" || status === "skipped") && agree(cell, other),
    );
    if (blocking) return `gate ${blocking.status}: ${gate.text}`;
  }
  return null;
}
