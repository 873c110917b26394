import type { RunManifest } from "@kdp/runtime";
import { plural } from "../../text/format.js";

/** `only scores.kd: 12 nodes, 2 gates and 1 export left out`; null for a run of a whole pipeline. */
export function partText({ part }: RunManifest): string | null {
  if (!part) return null;
  const { nodes, gates, exports } = part.leftOut;
  const left = [
    ...(nodes > 0 ? [plural(nodes, "node")] : []),
    ...(gates > 0 ? [plural(gates, "gate")] : []),
    ...(exports > 0 ? [plural(exports, "export")] : []),
  ];
  const all = [left.slice(0, -1).join(", "), ...left.slice(-1)].filter((text) => text !== "").join(" and ");
  return `only ${part.only.join(", ")}: ${all === "" ? "nothing" : all} left out`;
}
