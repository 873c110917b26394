import type { FileTables } from "@kdp/plugin-api";
import { openFile } from "../open-bytes.js";
import { readArrowTables } from "./arrow.js";
import { readDelimitedTables } from "./delimited.js";
import { readJsonTables } from "./json.js";
import { readNpy } from "./npy.js";
import { readParquetTables } from "./parquet.js";
import { readSafetensors } from "./safetensors.js";

/**
 * Reads a file of any supported format whole, as named columns and named matrices: TSV, CSV and JSON (plain or gzip'd),
 * Parquet, Arrow IPC, NumPy's `.npy`, safetensors. The format is told by the file's first bytes.
 * @throws RuntimeFault KDP7001–KDP7012, KDP7206 with the file
 */
export async function readFileTables(path: string): Promise<FileTables> {
  const { format, gzip } = await openFile(path);
  switch (format) {
    case "parquet":
      return readParquetTables(path);
    case "arrow-file":
    case "arrow-stream":
      return readArrowTables(path, format);
    case "json":
      return readJsonTables(path, gzip);
    case "npy":
      return readNpy(path);
    case "safetensors":
      return readSafetensors(path);
    case "delimited":
      return readDelimitedTables(path, gzip);
  }
}
