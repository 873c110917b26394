import { generateCstDts } from "./chevrotain.js";
import { KdpParser } from "./grammar.js";

/** Text of `cst.generated.ts`: the types of the concrete syntax tree, from the grammar. */
export function cstTypes(): string {
  const parser = new KdpParser({ skipValidations: false });
  const types = generateCstDts(parser.getGAstProductions(), { includeVisitorInterface: false });
  return `// Written by scripts/generate-cst-types.mjs from grammar.ts; do not edit.\n${types.replace("ICstVisitor, ", "")}`;
}
