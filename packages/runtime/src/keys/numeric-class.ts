import type { NodeKind, PlanNode } from "@kdp/dsl";
import { RuntimeFault } from "../faults.js";

/**
 * Arithmetic of the devices, with a version that is raised when the same input begins to give other bits: a change of a
 * kernel's order of summation, for example. It enters the keys of nodes that compute.
 */
const NUMERIC_CLASS: Readonly<Record<string, string>> = { cpu: "cpu/1" };

/** Kinds that compute with floating point; the rest only moves and selects data. */
const COMPUTING: ReadonlySet<NodeKind> = new Set<NodeKind>(["model", "ensemble", "teacher"]);
const COMPUTING_CORE = new Set(["rank", "clusters", "evaluate"]);

/**
 * Numeric class of a node on a device (`@run(device:)` before `--device`); null when the device cannot change its result.
 * Only training runs on the device chosen; ranking and evaluation are the CPU's.
 * @throws RuntimeFault KDP8011 when there is no such device
 */
export function numericClass(node: PlanNode, device: string): string | null {
  if (!COMPUTING.has(node.kind) && !COMPUTING_CORE.has(node.stage)) return null;
  return classOf(node.kind === "model" ? resolveDevice(node.run.device ?? device) : "cpu", node.id);
}

/** The device that a name stands for: `auto` is the best that is there. */
export const resolveDevice = (name: string): string => (name === "auto" ? "cpu" : name);

function classOf(device: string, place: string): string {
  const found = NUMERIC_CLASS[device];
  if (found !== undefined) return found;
  throw new RuntimeFault({
    code: "KDP8011",
    kind: "run",
    message: `there is no device "${device}"`,
    place,
    fix: `use one of: auto, ${Object.keys(NUMERIC_CLASS).join(", ")}`,
  });
}
