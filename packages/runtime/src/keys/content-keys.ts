import type { PlanNode } from "@kdp/dsl";
import { canonicalJson } from "./canonical-json.js";
import type { CodeVersions } from "./code-versions.js";
import { type Ingredients, ingredientsOf, type NodeFile } from "./ingredients.js";
import { numericClass } from "./numeric-class.js";
import { sha256 } from "./sha256.js";

export interface KeyedNode {
  readonly node: PlanNode;
  readonly key: string;
  readonly ingredients: Ingredients;
  readonly files: Readonly<Record<string, NodeFile>>;
}

export interface KeyContext {
  /** Files of each node by node id and argument, with their digests. */
  readonly files: ReadonlyMap<string, Readonly<Record<string, NodeFile>>>;
  readonly code: CodeVersions;
  /** Numeric class of the device that a node trains on. */
  readonly device: (node: PlanNode) => string;
}

/** Content keys of all nodes of a plan, in its (topological) order. Nothing needs to have run. */
export function contentKeys(nodes: readonly PlanNode[], context: KeyContext): readonly KeyedNode[] {
  const keys = new Map<string, string>();
  const keyOf = (id: string): string => {
    const key = keys.get(id);
    if (key === undefined) throw new Error(`the plan lists node "${id}" after a node that reads it, or not at all`);
    return key;
  };
  return nodes.map((node) => {
    const files = context.files.get(node.id) ?? {};
    const numeric = numericClass(node, context.device(node));
    const ingredients = ingredientsOf(node, { keyOf, files, code: context.code, numeric });
    const key = sha256(canonicalJson(ingredients));
    keys.set(node.id, key);
    return { node, key, ingredients, files };
  });
}
