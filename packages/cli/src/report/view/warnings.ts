import { RUNTIME_CODES } from "@kdp/dsl";
import type { RunManifest } from "@kdp/runtime";

export interface DataWarning {
  readonly code: string;
  readonly message: string;
  /** Name of the node that noticed it. */
  readonly place: string;
}

/** Notes of nodes whose code is one of a warning: duplicates, users with one interaction, ids that did not match. */
export function dataWarnings(manifest: RunManifest): readonly DataWarning[] {
  const severities: Readonly<Record<string, { readonly severity: string }>> = RUNTIME_CODES;
  const found = manifest.nodes.flatMap((node) =>
    node.notes.flatMap((note): readonly DataWarning[] => {
      const [, code = "", message = ""] = /^(KDP\d{4}): (.*)$/s.exec(note) ?? [];
      return severities[code]?.severity === "warning" ? [{ code, message, place: node.name }] : [];
    }),
  );
  return [...new Map(found.map((warning) => [JSON.stringify(warning), warning])).values()];
}
