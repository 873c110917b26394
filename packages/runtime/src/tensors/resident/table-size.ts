import type { LoadedDevice } from "@kdp/plugin-api/device";
import { RuntimeFault } from "../../faults.js";

/** A table on its way to a device. */
export interface MovingTable {
  /** As the user knows it: `the table "item"`. */
  readonly what: string;
  readonly rows: number;
  readonly cols: number;
}

/** @throws RuntimeFault KDP8015 */
export type SizeCheck = (table: MovingTable, narrower: (fits: number) => string) => void;

/**
 * Whether tables fit: a device has a limit for one piece, whatever its memory.
 * @param node its name, for faults
 * @returns a check that takes, to say what would mend it, the widest table of as many rows that fits
 */
export function tableSizeCheck({ found, largestTensor }: LoadedDevice, node: string): SizeCheck {
  const limit = largestTensor ?? Number.POSITIVE_INFINITY;
  return ({ what, rows, cols }, narrower) => {
    const bytes = 4 * rows * cols;
    if (bytes <= limit) return;
    const fits = Math.floor(limit / (4 * rows));
    throw new RuntimeFault({
      code: "KDP8015",
      kind: "run",
      message: `${what} (${rows} x ${cols}, ${Math.ceil(bytes / 2 ** 20)} MiB) is larger than ${found} takes in one piece (${Math.floor(limit / 2 ** 20)} MiB)`,
      place: node,
      fix: `${fits > 0 ? `${narrower(fits)}, or ` : ""}give this node @run(device: "cpu")`,
    });
  };
}
