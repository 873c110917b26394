import { fix, report } from "../diagnostics/create-diagnostic.js";
import type { SourceFile } from "./ast.js";
import { type BuildContext, nodeSpan, partsOf } from "./build-context.js";
import type { VersionCstNode } from "./cst.generated.js";
import { tokenSpan } from "./syntax-context.js";

/** The newest version of the language that this compiler reads. */
export const LANGUAGE_VERSION = 1;

/** The `kdp 1` at the head of a file. `first` is where the first statement starts. */
export function buildVersion(
  nodes: readonly VersionCstNode[],
  first: number,
  context: BuildContext,
): SourceFile["version"] {
  const node = nodes[0];
  if (!node) {
    const top = context.span(0, 0);
    const header = `kdp ${LANGUAGE_VERSION}\n\n`;
    context.add(
      report("KDP0007", {}, top, { fixes: [fix(`start the file with \`kdp ${LANGUAGE_VERSION}\``, top, header)] }),
    );
    return null;
  }
  for (const extra of [...(nodeSpan(context, node, 0).start > first ? [node] : []), ...nodes.slice(1)]) {
    const params = { word: "kdp", where: "at the top of the file, once" };
    context.add(report("KDP0004", params, nodeSpan(context, extra, 0), { variant: "misplaced" }));
  }
  const number = partsOf(node).Int?.[0];
  if (!number || number.image === "") return null;
  const version = { value: Number(number.image), span: tokenSpan(context, number) };
  if (version.value !== LANGUAGE_VERSION) reportVersion(version.value, version.span, context);
  return version;
}

function reportVersion(version: number, span: ReturnType<typeof tokenSpan>, context: BuildContext): void {
  if (version > LANGUAGE_VERSION) {
    const notes = ["install a newer kdp to read this file"];
    const params = { version, supported: LANGUAGE_VERSION };
    context.add(report("KDP0007", params, span, { variant: "tooNew", notes }));
    return;
  }
  const fixes = [fix(`write \`kdp ${LANGUAGE_VERSION}\``, span, String(LANGUAGE_VERSION))];
  context.add(report("KDP0007", { version }, span, { variant: "unknown", fixes }));
}
