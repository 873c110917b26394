import { defineExport } from "@kdp/plugin-api";
import { writeTables } from "./shared/tables.js";

/** Arrow IPC files: `user.arrow`, `item.arrow`, `seen.arrow`; see {@link writeTables}. */
export const arrow = defineExport({
  doc: "Arrow IPC files: factors with their source ids, and the training interactions that a service leaves out.",
  needs: ["scores"],
  write: (context) => writeTables(context, "arrow", (columns, metadata) => context.arrow(columns, metadata)),
});
