import { rename, rm, writeFile } from "node:fs/promises";
import type { FaultData, RunManifest } from "@kdp/runtime";
import { type ReportOptions, reportHtml } from "./report.js";

/**
 * Writes the report in one step, so that a reader never sees half of it.
 * @returns the path, or the fault that kept it from being written
 */
export async function writeReportFile(
  manifest: RunManifest,
  options: ReportOptions & { readonly file: string },
): Promise<string | FaultData> {
  const text = await reportHtml(manifest, options);
  const temporary = `${options.file}.${process.pid}.tmp`;
  try {
    await writeFile(temporary, text);
    await rename(temporary, options.file);
    return options.file;
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => {});
    return writeFault(error, options.file);
  }
}

function writeFault(error: unknown, file: string): FaultData {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  const full = code === "ENOSPC" || code === "EDQUOT";
  const readOnly = code === "EROFS" || code === "EACCES" || code === "EPERM";
  return {
    code: full ? "KDP8003" : readOnly ? "KDP8004" : "KDP8014",
    kind: "run",
    message: `the report could not be written: ${error instanceof Error ? error.message : String(error)}`,
    place: file,
    fix: full ? "make room on the disk, then run again: nothing is computed twice" : "choose another folder with --out",
  };
}
