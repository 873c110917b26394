import type { ExportColumn, ExportContext, FittedTables } from "@kdp/plugin-api";
import { describe, expect, it } from "vitest";
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
  const context: ExportContext = {
    model: { stage: "bprmf", params: { dim: 2, hidden: [3, 4] }, tables, scorer },
    vocabulary,
    train,
    arrow: (columns) => {
      const bytes = new Uint8Array();
      asked.set(bytes, columns);
      return bytes;
    },
    write: async (name, bytes) => {
      files[name] = typeof bytes === "string" ? bytes : (asked.get(bytes) ?? bytes);
    },
  };
  await formats[format].write(context);
  return files;
}

describe("arrow", () => {
  it("writes factors with ids, and what was seen", async () => {
    expect(await exported("arrow", "dot")).toEqual({
      "user.arrow": { id: vocabulary.user, factors: factors.user },
      "item.arrow": { id: vocabulary.item, factors: factors.item },
      "seen.arrow": { user: Int32Array.of(0, 0, 1), item: Int32Array.of(0, 2, 1) },
    });
  });

  it("writes the own tables of a model that is no inner product", async () => {
    const tables = { weights: { rows: 1, cols: 2, values: Float32Array.of(1, 2) } };
    expect(Object.keys(await exported("arrow", "block", tables))).toEqual([
      "weights.arrow",
      "user-ids.arrow",
      "item-ids.arrow",
      "seen.arrow",
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
