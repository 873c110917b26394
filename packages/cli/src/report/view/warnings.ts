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
  const found = manifest.nodes.flatMap(({ name, notes }) =>
    notes.flatMap((note): readonly DataWarning[] => {
      const warning = warningIn(note);
      return warning ? [{ ...warning, place: name }] : [];
    }),
  );
  return [...new Map(found.map((warning) => [JSON.stringify(warning), warning])).values()];
}

/** The warning that a note is, or null. */
export function warningIn(note: string): Pick<DataWarning, "code" | "message"> | null {
  const severities: Readonly<Record<string, { readonly severity: string }>> = RUNTIME_CODES;
  const [, code = "", message = ""] = /^(KDP\d{4}): (.*)$/s.exec(note) ?? [];
  return severities[code]?.severity === "warning" ? { code, message } : null;
}

export interface ReportWarning {
  readonly code: string;
  readonly message: string;
  readonly places: readonly string[];
}

/** Warnings of the check, of the run and of its data, each told once for all places. */
export function warningsOf(manifest: RunManifest): readonly ReportWarning[] {
  const told = new Map<string, ReportWarning>();
  for (const { code, message, place } of [...manifest.warnings, ...dataWarnings(manifest)]) {
    const places = told.get(code + message)?.places ?? [];
    const more = place === null || places.includes(place) ? [] : [place];
    told.set(code + message, { code, message, places: [...places, ...more] });
  }
  return [...told.values()];
}

/** What nodes noted beside warnings. */
export interface NodeNotes {
  /** `scores.plain`, or `scores.*` where all members of a list noted the same. */
  readonly name: string;
  readonly notes: readonly string[];
}

/** One entry for all seeds of a node, in the order of the run. */
export function nodeNotes(manifest: RunManifest): readonly NodeNotes[] {
  const byName = new Map<string, readonly string[]>();
  for (const { name, notes } of manifest.nodes) {
    const plain = notes.filter((note) => warningIn(note) === null);
    if ((byName.get(name) ?? []).length === 0) byName.set(name, plain);
  }
  const told = new Map<string, NodeNotes>();
  for (const [name, notes] of byName) {
    if (notes.length === 0) continue;
    const members = [...byName].filter(([other]) => listOf(other) === listOf(name));
    const alike = members.length > 1 && members.every(([, other]) => JSON.stringify(other) === JSON.stringify(notes));
    const shown = alike ? `${listOf(name)}.*` : name;
    told.set(shown, { name: shown, notes });
  }
  return [...told.values()];
}

/** `scores` of `scores.plain`. */
const listOf = (name: string): string => name.replace(/\..*$/s, "");
