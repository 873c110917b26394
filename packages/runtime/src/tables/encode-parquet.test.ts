import { existsSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { tempFolder } from "../../test/support/temp-folder.js";
import { readFileTables } from "../data/files/read-file-tables.js";
import { encodeParquet } from "./encode-parquet.js";

const files = tempFolder();

describe("encodeParquet", () => {
  it("keeps every row and text over several chunks, and leaves no scratch file", async () => {
    const rows = 5000;
    const id = Array.from({ length: rows }, (_, row) => (row === 7 ? `it's "ünï"\t🎓` : `u${row}`));
    const values = Float32Array.from({ length: rows * 3 }, (_, at) => at / 8);
    const scratch = files.path("scratch it's.parquet");
    const bytes = await encodeParquet(
      { id, row: Int32Array.from({ length: rows }, (_, row) => row), 'a "b"': { rows, cols: 3, values } },
      { "it's": "a 'quote'" },
      scratch,
    );
    expect(existsSync(scratch)).toBe(false);
    const tables = await readFileTables(await files.write("back.parquet", bytes));
    expect(tables.columns.id).toEqual(id);
    expect(tables.columns.row).toEqual(Array.from({ length: rows }, (_, row) => row));
    expect(tables.matrices['a "b"']).toEqual({ rows, cols: 3, values });
  });

  it("gives the same bytes for the same table", async () => {
    const table = { id: ["a", "b"], factors: { rows: 2, cols: 1, values: Float32Array.of(1, 2) } };
    const bytes = await encodeParquet(table, {}, files.path("once"));
    expect(await encodeParquet(table, {}, files.path("twice"))).toEqual(bytes);
  });

  it("refuses columns of different lengths", async () => {
    const table = { id: ["a"], factors: { rows: 2, cols: 1, values: Float32Array.of(1, 2) } };
    await expect(encodeParquet(table, {}, files.path("none"))).rejects.toThrow(
      "columns of one table differ in length: id 1, factors 2",
    );
  });
});
