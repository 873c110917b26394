import type { FaultData } from "@kdp/runtime";
import type { Colors } from "../io/host.js";

/** Lines that show where the pipeline asks for what failed; none where that is not known. */
export type FaultFrame = (fault: FaultData) => readonly string[];

/** A further line under a fault: `= log: …`. */
export interface FaultNote {
  readonly kind: string;
  readonly text: string;
}

export interface FaultTextOptions {
  readonly frame?: FaultFrame;
  /** In place of the name of the node. */
  readonly before?: readonly FaultNote[];
  /** Between the fix and where to read more. */
  readonly after?: readonly FaultNote[];
}

/** A fault as a person reads it: code and message, place, the line of the pipeline that asks for it, fix, where to read more. */
export function faultText(fault: FaultData, colors: Colors, options: FaultTextOptions = {}): string {
  const frame = options.frame?.(fault) ?? [];
  const shown = frame.length > 0 && isOfNode(fault);
  const before = options.before ?? (shown && fault.node !== undefined ? [{ kind: "in", text: fault.node }] : []);
  const note = ({ kind, text }: FaultNote): string => `   ${colors.cyan("=")} ${kind}: ${text}`;
  return `${[
    `${colors.red(colors.bold(`error[${fault.code}]`))}: ${colors.bold(fault.message)}`,
    ...(fault.place === undefined || shown ? [] : [`  ${colors.cyan("-->")} ${fault.place}`]),
    ...frame,
    ...before.map(note),
    ...(fault.fix === undefined ? [] : [note({ kind: "fix", text: fault.fix })]),
    ...(options.after ?? []).map(note),
    note({ kind: "see", text: `kdp explain ${fault.code}` }),
  ].join("\n")}\n`;
}

/** Whether its place says no more than which node it is, which a frame shows. */
export const isOfNode = ({ node, place }: FaultData): boolean =>
  node !== undefined && (place === undefined || place === node || place.startsWith(`${node}, argument `));
