import type { ExportColumn, ExportContext, FittedTables } from "@kdp/plugin-api";
import { loadGraphModel } from "@tensorflow/tfjs-converter";
import type { Tensor2D } from "@tensorflow/tfjs-core";
import { describe, expect, it } from "vitest";
import { loadTf } from "../../test/tensorflow.js";
import { exports as formats } from "./index.js";

const factors: FittedTables = {
  user: { rows: 2, cols: 2, values: Float32Array.of(1, 2, 3, 4) },
  item: { rows: 3, cols: 2, values: Float32Array.of(5, 6, 7, 8, 9, 0.5) },
};
const vocabulary = { user: ["ann", "böb"], item: ["p", "q", "r"] };
const train = { users: 2, items: 3, offsets: Int32Array.of(0, 2, 3), itemIds: Int32Array.of(0, 2, 1) };

type Columns = Readonly<Record<string, ExportColumn>>;

/** What a format writes; Arrow files as the columns they were asked for. */
async function exported(format: keyof typeof formats, scorer: "dot" | "block", tables = factors) {
  const files: Record<string, Columns | Uint8Array | string> = {};
  const asked = new Map<Uint8Array, Columns>();
  const encoded = (columns: Columns) => {
    const bytes = new Uint8Array();
    asked.set(bytes, columns);
    return bytes;
  };
  const context: ExportContext = {
    model: { stage: "bprmf", params: { dim: 2, hidden: [3, 4] }, tables, scorer },
    vocabulary,
    train,
    arrow: encoded,
    parquet: async (columns) => encoded(columns),
    write: async (name, bytes) => {
      files[name] = typeof bytes === "string" ? bytes : (asked.get(bytes) ?? bytes);
    },
  };
  await formats[format].write(context);
  return files;
}

describe.each(["arrow", "parquet"] as const)("%s", (format) => {
  it("writes factors with ids, and what was seen", async () => {
    expect(await exported(format, "dot")).toEqual({
      [`user.${format}`]: { id: vocabulary.user, factors: factors.user },
      [`item.${format}`]: { id: vocabulary.item, factors: factors.item },
      [`seen.${format}`]: { user: Int32Array.of(0, 0, 1), item: Int32Array.of(0, 2, 1) },
    });
  });

  it("writes the own tables of a model that is no inner product", async () => {
    const tables = { weights: { rows: 1, cols: 2, values: Float32Array.of(1, 2) } };
    expect(Object.keys(await exported(format, "block", tables))).toEqual([
      `weights.${format}`,
      `user-ids.${format}`,
      `item-ids.${format}`,
      `seen.${format}`,
    ]);
  });
});

describe("safetensors", () => {
  it("is laid out as the format says", async () => {
    const files = await exported("safetensors", "dot");
    const bytes = files["model.safetensors"] as Uint8Array;
    const view = new DataView(bytes.buffer);
    const length = Number(view.getBigUint64(0, true));
    expect((8 + length) % 8).toBe(0);
    const header = JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + length)));
    expect(header).toEqual({
      __metadata__: { format: "kdp", model: "bprmf", scorer: "dot", params: '{"dim":2,"hidden":[3,4]}' },
      user: { dtype: "F32", shape: [2, 2], data_offsets: [0, 16] },
      item: { dtype: "F32", shape: [3, 2], data_offsets: [16, 40] },
    });
    expect(bytes.length).toBe(8 + length + 40);
    expect(view.getFloat32(8 + length + 16, true)).toBe(5);
    expect(view.getFloat32(8 + length + 36, true)).toBe(0.5);
    expect(JSON.parse(files["ids.json"] as string)).toEqual(vocabulary);
  });
});

describe("tfjs", () => {
  it("is a graph model that TensorFlow.js loads: users in, the scores of all items out", async () => {
    const tf = await loadTf();
    const files = await exported("tfjs", "dot");
    const json = JSON.parse(files["model.json"] as string);
    const weights = files["weights.bin"] as Uint8Array;
    const model = await loadGraphModel({
      load: async () => ({
        ...json,
        weightSpecs: json.weightsManifest[0].weights,
        weightData: weights.buffer.slice(weights.byteOffset, weights.byteOffset + weights.byteLength),
      }),
    });
    expect(model.inputs.map(({ name, dtype, shape }) => ({ name, dtype, shape }))).toEqual([
      { name: "user", dtype: "int32", shape: [-1] },
    ]);
    const users = tf.tensor1d([1, 0, 1], "int32");
    const scores = model.predict(users) as Tensor2D;
    expect(scores.shape).toEqual([3, 3]);
    // ann = (1, 2), böb = (3, 4); items (5, 6), (7, 8), (9, 0.5).
    expect(await scores.array()).toEqual([
      [39, 53, 29],
      [17, 23, 10],
      [39, 53, 29],
    ]);
    expect(JSON.parse(files["ids.json"] as string)).toEqual(vocabulary);
    expect(json.userDefinedMetadata).toEqual({
      format: "kdp",
      model: "bprmf",
      params: '{"dim":2,"hidden":[3,4]}',
      users: 2,
      items: 3,
    });
    tf.dispose([users, scores]);
    model.dispose();
  });

  it("refuses a model that needs code to score", async () => {
    await expect(exported("tfjs", "block")).rejects.toThrow(/no inner product/);
  });
});
