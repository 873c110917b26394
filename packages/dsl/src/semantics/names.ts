import { fix, report } from "../diagnostics/create-diagnostic.js";
import { type Candidate, didYouMean } from "../diagnostics/did-you-mean.js";
import type { Signature } from "../library/signature.js";
import type { Name } from "../syntax/ast.js";
import type { Frame } from "./frame.js";
import { UNKNOWN, type Value } from "./values.js";

/** What fits at the place of a name: ranks suggestions and words the message. */
export type Want = "value" | "stage" | "loss" | "metric";

/**
 * What a name means: the pipeline's own names first, then stages of the file, imports, plugins, and the library.
 * Reports KDP1101 (unknown) and KDP1103 (used before definition).
 */
export function resolveName(name: Name, frame: Frame, want: Want): Value {
  if (name.missing) return UNKNOWN;
  const { session, locals } = frame;
  const bound = locals.find(name.text);
  if (bound) return bound.value;
  const outer = outerName(name.text, frame);
  if (outer) return outer;
  const later = locals.findLater(name.text);
  if (later) {
    const related = [{ span: later, label: "defined here" }];
    session.reporter.add(report("KDP1103", { name: name.text }, name.span, { related }));
    return UNKNOWN;
  }
  reportUnknown(name, frame, want);
  return UNKNOWN;
}

/** Whether a name means anything here. */
export const isNameInSight = (name: string, frame: Frame): boolean =>
  frame.locals.find(name) !== null || outerName(name, frame) !== null;

function outerName(name: string, frame: Frame): Value | null {
  const { file, session } = frame;
  const own = file.stages.get(name);
  if (own) return { kind: "macro", name, decl: own };
  const imported = file.imports.get(name);
  if (imported) {
    session.usage.mark(imported.name.span);
    return imported.stage ? { kind: "macro", name, decl: imported.stage } : UNKNOWN;
  }
  const plugin = file.plugins.get(name);
  if (plugin) {
    session.usage.mark(plugin.use.span);
    return { kind: "namespace", alias: name };
  }
  const signature = session.library.find(name);
  return signature ? { kind: "callable", name, signature } : null;
}

function reportUnknown(name: Name, frame: Frame, want: Want): void {
  const kind = want === "value" ? "name" : want;
  const suggestion = didYouMean(name.text, candidates(frame, want));
  if (suggestion === null) {
    const known = want === "loss" || want === "metric" ? frame.session.library.namesOf(want) : [];
    const notes = known.length > 0 ? [`the library has: ${known.join(", ")}`] : [];
    frame.session.reporter.add(report("KDP1101", { kind, name: name.text }, name.span, { notes }));
    return;
  }
  frame.session.reporter.add(
    report("KDP1101", { kind, name: name.text, suggestion }, name.span, {
      variant: "suggestion",
      fixes: [fix(`write \`${suggestion}\``, name.span, suggestion)],
    }),
  );
}

function candidates(frame: Frame, want: Want): readonly Candidate[] {
  const { file, locals, session } = frame;
  const stageLike = want === "stage";
  return [
    ...locals.names().map(({ name, value }) => ({ name, rank: fitsValue(value, want) ? 0 : 1 })),
    ...[...file.stages.keys(), ...file.imports.keys()].map((name) => ({ name, rank: stageLike ? 0 : 1 })),
    ...[...file.plugins.keys()].map((name) => ({ name, rank: 1 })),
    ...session.library
      .names()
      .map((name) => ({ name, rank: fitsSignature(session.library.find(name)!, want) ? 0 : 1 })),
  ];
}

function fitsValue(value: Value, want: Want): boolean {
  if (value.kind === "unknown") return true;
  if (want === "stage") return value.kind === "stage";
  return want === "value" ? value.kind !== "stage" : value.kind === want;
}

export function fitsSignature({ kind }: Signature, want: Want): boolean {
  if (want === "stage") return kind !== "loss" && kind !== "metric" && kind !== "export";
  return kind === want;
}
