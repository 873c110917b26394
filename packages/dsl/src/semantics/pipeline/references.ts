import type { Arg, Expr } from "../../syntax/ast.js";

/** Every name that an expression reads, as written. Labels, members and axes after `over` are no names of the scope. */
export function* namesIn(expr: Expr): Generator<string> {
  switch (expr.kind) {
    case "name":
      yield expr.name.text;
      break;
    case "chain":
    case "binary":
      yield* namesIn(expr.left);
      yield* namesIn(expr.right);
      break;
    case "unary":
      yield* namesIn(expr.operand);
      break;
    case "member":
      yield* namesIn(expr.object);
      break;
    case "call":
      yield* namesIn(expr.callee);
      yield* namesInArgs(expr.args);
      break;
    case "list":
      yield* namesInArgs(expr.elements);
  }
}

export function* namesInArgs(args: readonly Arg[]): Generator<string> {
  for (const arg of args) yield* namesIn(arg.value);
}
