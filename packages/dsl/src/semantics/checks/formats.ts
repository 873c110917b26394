import type { ExportFacts } from "@kdp/plugin-api";
import { report } from "../../diagnostics/create-diagnostic.js";
import type { Signature } from "../../library/signature.js";
import type { Expr } from "../../syntax/ast.js";
import { notAChoice } from "../arguments.js";
import type { Frame } from "../frame.js";
import type { StageContext } from "../stages/input.js";
import type { ArtifactValue, TeacherRef } from "../values.js";
import { checkViews, type ViewNeed } from "./views.js";

/** KDP2205 for formats that nobody writes, KDP2204 for those that need what the model has not. */
export function checkFormats(model: TeacherRef, context: StageContext): ArtifactValue["formats"] {
  const { call, frame } = context;
  const given = call.params.format?.value;
  const names = Array.isArray(given) ? given.filter((name): name is string => typeof name === "string") : [];
  return names.flatMap((name, index) => {
    const expr = formatExpr(call.written?.find((arg) => arg.label?.text === "format")?.value, index);
    const signature = findFormat(name, frame);
    if (signature === "unknown") return [];
    if (!signature) {
      if (expr) frame.session.reporter.add(notAChoice("format", name, frame.session.library.namesOf("export"), expr));
      return [];
    }
    const { needs, factors } = signature.facts as ExportFacts;
    const need = { needs, callee: name, span: expr?.span ?? call.span };
    if (checkViews(need, model, frame) && factors) checkFactors(need, model, frame);
    return [{ name: signature.stage, plugin: signature.plugin }];
  });
}

/** KDP2204: some formats hold factors and no code, so the model must need none to score. */
function checkFactors({ callee, span }: ViewNeed, { type, node }: TeacherRef, frame: Frame): void {
  if (type.factors) return;
  const related = [{ span: node.span, label: "the model" }];
  const params = { callee, stage: node.stage };
  frame.session.reporter.add(report("KDP2204", params, span, { variant: "factors", related, label: "needs factors" }));
}

const formatExpr = (expr: Expr | undefined, index: number): Expr | undefined =>
  expr?.kind === "list" ? (expr.elements[index]?.value ?? expr) : expr;

/** `topo.bundle` is a format of the plugin that this file calls `topo`. */
function findFormat(name: string, frame: Frame): Signature | "unknown" | null {
  const dot = name.indexOf(".");
  const plugin = dot === -1 ? undefined : frame.file.plugins.get(name.slice(0, dot));
  if (plugin) frame.session.usage.mark(plugin.use.span);
  if (plugin && !plugin.catalogue) return "unknown";
  const found = plugin?.catalogue ? plugin.catalogue.find(name.slice(dot + 1)) : frame.session.library.find(name);
  return found?.kind === "export" ? found : null;
}
