import { defineExport } from "@kdp/plugin-api";
import { writeTables } from "./shared/tables.js";

/** Parquet files: `user.parquet`, `item.parquet`, `seen.parquet`; see {@link writeTables}. */
export const parquet = defineExport({
  doc: "Parquet files: factors with their source ids, and the training interactions that a service leaves out.",
  needs: ["scores"],
  write: (context) => writeTables(context, "parquet", (columns, metadata) => context.parquet(columns, metadata)),
});
