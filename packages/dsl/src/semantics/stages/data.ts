import { unite } from "../axes.js";
import type { Frame } from "../frame.js";
import type { BoundCall, DatasetType, RefValue, SplitType, Value } from "../values.js";
import type { StageContext } from "./input.js";
import { makeNode, refTo, single } from "./make-node.js";

const PARTS = ["train", "valid", "test"] as const;

/** A stage without an input: `dataset(…)`, or a split that is read from files. Its node is a universe of its own. */
export function sourceNode(call: BoundCall, frame: Frame): Value {
  const place = { input: null, inputSpan: call.span, target: call.span, arrow: null };
  const kind = call.signature.kind === "split" ? "Split" : "Dataset";
  const node = makeNode({ call, place, frame }, { type: { kind }, inputs: [], axes: call.axes });
  const universe = String(node.index);
  if (kind === "Dataset") return refTo<DatasetType>(node, { kind, universe }, call.axes);
  // A part whose file is left out does not exist.
  const parts = PARTS.filter((part) => call.params[part]?.value !== null);
  return refTo<SplitType>(node, { kind, universe, parts }, call.axes);
}

/** `ratings -> leave_one_out()` */
export function splitOf(dataset: RefValue & { readonly type: DatasetType }, context: StageContext): Value {
  const axes = unite(context.call.axes, dataset.axes);
  const node = makeNode(context, { type: { kind: "Split" }, inputs: [single("dataset", dataset)], axes });
  return refTo<SplitType>(node, { kind: "Split", universe: dataset.type.universe, parts: PARTS }, axes);
}
