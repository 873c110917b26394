import { fix, report } from "../diagnostics/create-diagnostic.js";
import type { ArgumentSchema } from "../library/signature.js";
import type { Expr, NameRef } from "../syntax/ast.js";
import type { ArgumentPlace } from "./arguments.js";
import type { Frame } from "./frame.js";
import { schemaName } from "./type-names.js";

/** `optimizer: adam` where `"adam"` is meant: the word is a value of the argument and no name in sight. */
export function isUnquotedWord(expr: Expr, schema: ArgumentSchema, frame: Frame): expr is NameRef {
  return (
    expr.kind === "name" &&
    schema.type === "enum" &&
    (schema.values?.includes(expr.name.text) ?? false) &&
    frame.locals.find(expr.name.text) === null
  );
}

export function reportUnquotedWord(expr: NameRef, schema: ArgumentSchema, place: ArgumentPlace): void {
  const word = expr.name.text;
  const { callee, name, frame } = place;
  const params = { callee, name, expected: schemaName(schema), actual: `the name \`${word}\`` };
  const fixes = [fix(`write "${word}"`, expr.span, `"${word}"`)];
  frame.session.reporter.add(report("KDP2203", params, expr.span, { variant: "argument", fixes }));
}
