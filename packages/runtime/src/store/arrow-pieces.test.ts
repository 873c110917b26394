import { Float32, Int32, makeData, RecordBatchFileWriter, Table, Utf8, vectorFromArray } from "apache-arrow";
import { describe, expect, it } from "vitest";
import { arrowPieces } from "./arrow-pieces.js";

const TABLES: Readonly<Record<string, Table>> = {
  "numbers of a length that needs padding": new Table({
    a: makeData({ type: new Float32(), data: Float32Array.of(1, 2, 3) }),
    b: makeData({ type: new Int32(), data: Int32Array.of(4, 5, 6) }),
  }),
  "no rows": new Table({ a: makeData({ type: new Int32(), data: new Int32Array() }) }),
  strings: new Table({ id: vectorFromArray(["a", "", "längster"], new Utf8()) }),
};

describe("the pieces of an Arrow file", () => {
  it.each(Object.entries(TABLES))("are the file: %s", (_, table) => {
    expect(Buffer.concat([...arrowPieces(table)])).toEqual(
      Buffer.from(RecordBatchFileWriter.writeAll(table).toUint8Array(true)),
    );
  });

  it("hold a column itself, not a copy of it", () => {
    const values = new Float32Array(1000);
    const pieces = arrowPieces(new Table({ a: makeData({ type: new Float32(), data: values }) }));
    expect(pieces.map(({ buffer }) => buffer)).toContain(values.buffer);
  });
});
