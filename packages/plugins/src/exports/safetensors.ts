import { defineExport, type FittedTables } from "@kdp/plugin-api";
import { writeFloats } from "./shared/little-endian.js";

const HEADER_AT = 8;
/** The format asks for tensors that begin at a multiple of eight bytes. */
const ALIGNMENT = 8;

/**
 * `model.safetensors` with a float32 tensor for each table (`user` and `item` of a dot-product model), and `ids.json` with the
 * source id of each row: `{"user": [...], "item": [...]}`.
 */
export const safetensors = defineExport({
  doc: "A safetensors file with the model's tables, and ids.json with the source id of each row.",
  needs: ["scores"],
  async write({ model, vocabulary, write }) {
    const metadata = { format: "kdp", model: model.stage, scorer: model.scorer, params: JSON.stringify(model.params) };
    await write("model.safetensors", encodeSafetensors(model.tables, metadata));
    await write("ids.json", `${JSON.stringify(vocabulary)}\n`);
  },
});

/** Bytes of a safetensors file: header length (u64), JSON header, little-endian float32 data. */
function encodeSafetensors(tables: FittedTables, metadata: Readonly<Record<string, string>>): Uint8Array {
  let size = 0;
  const tensors = Object.entries(tables).map(([name, { rows, cols, values }]) => {
    const from = size;
    size += 4 * values.length;
    return { name, info: { dtype: "F32", shape: [rows, cols], data_offsets: [from, size] } };
  });
  const header = { __metadata__: metadata, ...Object.fromEntries(tensors.map(({ name, info }) => [name, info])) };
  const text = new TextEncoder().encode(JSON.stringify(header));
  // Padded with spaces, as JSON allows.
  const padded = Math.ceil((HEADER_AT + text.length) / ALIGNMENT) * ALIGNMENT - HEADER_AT;
  const bytes = new Uint8Array(HEADER_AT + padded + size).fill(0x20, HEADER_AT, HEADER_AT + padded);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(padded), true);
  bytes.set(text, HEADER_AT);
  writeFloats(bytes, HEADER_AT + padded, Object.values(tables));
  return bytes;
}
