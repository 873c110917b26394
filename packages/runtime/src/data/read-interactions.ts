import { dataFault } from "./data-fault.js";
import type { IdSink, ReadOptions, ReadRows } from "./interaction-source.js";
import { openFile } from "./open-bytes.js";
import { readArrow } from "./read-arrow.js";
import { readDelimited } from "./read-delimited.js";
import { readParquet } from "./read-parquet.js";

/**
 * Reads a file of interactions: TSV, CSV (plain or gzip'd), Parquet, Arrow IPC. Rows keep the file's order; ids get rows in
 * the order of first appearance, which makes the numbering a function of the file alone.
 * @throws RuntimeFault KDP7001–KDP7012 with the file and, where it is one, the line.
 */
export async function readInteractionFile(path: string, ids: IdSink, options: ReadOptions): Promise<ReadRows> {
  const { format, gzip } = await openFile(path);
  switch (format) {
    case "parquet":
      return readParquet(path, ids, options);
    case "arrow-file":
    case "arrow-stream":
      return readArrow(path, format, ids, options);
    case "delimited":
      return readDelimited(path, gzip, ids, options);
    default:
      throw dataFault("KDP7010", `interactions are not read from ${format} files`, {
        place: path,
        fix: "write them as TSV, CSV, Parquet or Arrow IPC",
      });
  }
}
