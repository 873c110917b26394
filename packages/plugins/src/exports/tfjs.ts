import { defineExport, type FittedTables } from "@kdp/plugin-api";
import { writeFloats } from "./shared/little-endian.js";

const WEIGHTS = "weights.bin";

/**
 * A TensorFlow.js graph model: `model.json` and `weights.bin`, with `ids.json` for the source id of each row. The input
 * `user` (int32 `[n]`) are rows of users, the output `scores` (float32 `[n, items]`) is what they think of every item.
 *
 * @example
 * const model = await tf.loadGraphModel("model.json");
 * const { indices } = tf.topk(model.predict(tf.tensor1d([7], "int32")), 10);
 */
export const tfjs = defineExport({
  doc: "A TensorFlow.js graph model, users to the scores of all items, and ids.json with the source id of each row.",
  needs: ["scores"],
  factors: true,
  async write({ model, vocabulary, write }) {
    const { user, item } = model.tables;
    if (model.scorer !== "dot" || !user || !item) {
      throw new Error(`${model.stage} declares factors, but its scores are no inner product of them`);
    }
    const tables = { "user/factors": user, "item/factors": item };
    const metadata = { format: "kdp", model: model.stage, params: JSON.stringify(model.params) };
    await write("model.json", `${JSON.stringify(modelJson(tables, user.rows, item.rows, metadata))}\n`);
    await write(WEIGHTS, weightBytes(Object.values(tables)));
    await write("ids.json", `${JSON.stringify(vocabulary)}\n`);
  },
});

/** The graph in the JSON form of TensorFlow's protocol buffers: scores = gather(user factors, user) × item factorsᵀ. */
function modelJson(
  tables: FittedTables,
  users: number,
  items: number,
  metadata: Readonly<Record<string, string>>,
): Readonly<Record<string, unknown>> {
  const constants = Object.entries(tables).map(([name, { rows, cols }]) => ({
    name,
    op: "Const",
    attr: {
      dtype: { type: "DT_FLOAT" },
      value: { tensor: { dtype: "DT_FLOAT", tensorShape: shape(rows, cols) } },
    },
  }));
  const axis = {
    name: "axis",
    op: "Const",
    attr: { dtype: { type: "DT_INT32" }, value: { tensor: { dtype: "DT_INT32", tensorShape: {}, intVal: [0] } } },
  };
  const node = [
    ...constants,
    axis,
    {
      name: "user",
      op: "Placeholder",
      attr: { dtype: { type: "DT_INT32" }, shape: { shape: shape(-1) } },
    },
    {
      name: "rows",
      op: "GatherV2",
      input: ["user/factors", "user", "axis"],
      attr: {
        Tparams: { type: "DT_FLOAT" },
        Tindices: { type: "DT_INT32" },
        Taxis: { type: "DT_INT32" },
        batch_dims: { i: "0" },
      },
    },
    {
      name: "scores",
      op: "MatMul",
      input: ["rows", "item/factors"],
      attr: { T: { type: "DT_FLOAT" }, transpose_a: { b: false }, transpose_b: { b: true } },
    },
  ];
  return {
    format: "graph-model",
    generatedBy: "kdp",
    convertedBy: null,
    userDefinedMetadata: { ...metadata, users, items },
    signature: {
      inputs: { user: { name: "user:0", dtype: "DT_INT32", tensorShape: shape(-1) } },
      outputs: { scores: { name: "scores:0", dtype: "DT_FLOAT", tensorShape: shape(-1, items) } },
    },
    modelTopology: { node, library: {}, versions: { producer: 1395 } },
    weightsManifest: [
      {
        paths: [WEIGHTS],
        weights: [
          ...Object.entries(tables).map(([name, { rows, cols }]) => ({ name, shape: [rows, cols], dtype: "float32" })),
          { name: "axis", shape: [], dtype: "int32" },
        ],
      },
    ],
  };
}

const shape = (...sizes: readonly number[]) => ({ dim: sizes.map((size) => ({ size: String(size) })) });

/** The tables one after another, then the axis 0 of the gather. */
function weightBytes(tables: readonly FittedTables[string][]): Uint8Array {
  const count = tables.reduce((sum, { values }) => sum + values.length, 0);
  const bytes = new Uint8Array(4 * (count + 1));
  writeFloats(bytes, 0, tables);
  return bytes;
}
