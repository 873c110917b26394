import { gzipSync } from "node:zlib";
import {
  Field,
  FixedSizeList,
  Float32,
  Int32,
  List,
  Table,
  tableFromArrays,
  tableToIPC,
  Utf8,
  vectorFromArray,
} from "apache-arrow";
import { describe, expect, it } from "vitest";
import { tempFolder } from "../../../test/support/temp-folder.js";
import type { FaultData } from "../../faults.js";
import { listData, tableOf, utf8DataOf } from "../../tables/columns.js";
import { halfToNumber } from "./float16.js";
import { readFileTables } from "./read-file-tables.js";

const files = tempFolder();
const read = async (name: string, content: string | Uint8Array) => readFileTables(await files.write(name, content));
const faultOf = (work: Promise<unknown>): Promise<FaultData> =>
  work.then(
    () => Promise.reject(new Error("nothing thrown")),
    (error: { data?: FaultData }) => error.data ?? Promise.reject(error),
  );
const matrix = (rows: number, cols: number, values: number[]) => ({ rows, cols, values: Float32Array.from(values) });

describe("delimited text", () => {
  it("gives columns by name, whole numbers as such and all else as text", async () => {
    const { columns } = await read("a.csv", "user,item,score\n1,a,0.5\n20,b,1\n");
    expect(columns).toEqual({ user: Int32Array.of(1, 20), item: ["a", "b"], score: ["0.5", "1"] });
  });

  it("gives columns by index without a header, and keeps what leading zeros say", async () => {
    const { columns } = await read("b.tsv.gz", gzipSync("1\t007\n2\t8\n"));
    expect(columns).toEqual({ 0: Int32Array.of(1, 2), 1: ["007", "8"] });
  });

  it("a column that turns out to be text later loses nothing", async () => {
    const rows = Array.from({ length: 3000 }, (_, i) => `${i}\t${i < 2999 ? i : "x"}\n`).join("");
    const { columns } = await read("c.tsv", rows);
    expect(columns["0"]?.length).toBe(3000);
    expect([columns["1"]?.[0], columns["1"]?.[2998], columns["1"]?.[2999]]).toEqual(["0", "2998", "x"]);
  });

  it("names the line that is wrong", async () => {
    expect(await faultOf(read("d.tsv", "1\t2\n3\t4\n5\n"))).toMatchObject({
      code: "KDP7007",
      place: files.path("d.tsv:3"),
    });
  });
});

describe("JSON", () => {
  const long = { user: ["a", "a", "b"], item: [1, 2, 3] };

  it("an array of objects, an object of columns, one object per line", async () => {
    const objects = [
      { user: "a", item: 1 },
      { user: "a", item: 2 },
      { user: "b", item: 3 },
    ];
    expect((await read("a.json", JSON.stringify(objects))).columns).toEqual(long);
    expect((await read("b.json", JSON.stringify(long))).columns).toEqual(long);
    expect((await read("c.jsonl", objects.map((row) => JSON.stringify(row)).join("\n"))).columns).toEqual(long);
    expect((await read("d.json.gz", gzipSync(JSON.stringify(objects)))).columns).toEqual(long);
  });

  it("an object of lists by id", async () => {
    expect((await read("e.json", '{"a": [1, 2], "b": [3]}')).columns).toEqual({ id: ["a", "a", "b"], list: [1, 2, 3] });
    expect(await read("f.json", '{"7": [0.5, 1], "9": [2, 3]}')).toEqual({
      columns: { id: ["7", "9"] },
      matrices: { list: matrix(2, 2, [0.5, 1, 2, 3]) },
    });
  });

  it("lists in rows spread over as many rows", async () => {
    const rows = '[{"user": 1, "items": ["x", "y"], "score": [2, 1]}, {"user": 2, "items": ["z"], "score": [5]}]';
    expect((await read("g.json", rows)).columns).toEqual({ user: [1, 1, 2], items: ["x", "y", "z"], score: [2, 1, 5] });
  });

  it.each([
    ["broken", '{"a": [1, 2', "KDP7007"],
    ["a number", "3", "KDP7010"],
    ["an array of numbers", "[1, 2]", "KDP7010"],
    ["nothing", "[]", "KDP7002"],
    ["an empty object", "{}", "KDP7002"],
    ["scalars by id", '{"a": 1}', "KDP7010"],
    ["a matrix of uneven rows", '{"7": [0.5, 1], "9": [2]}', "KDP7206"],
    ["lists of uneven length", '[{"user": 1, "items": ["x"], "rank": [1, 2]}]', "KDP7206"],
  ])("%s", async (_, text, code) => {
    expect(await faultOf(read("bad.json", text))).toMatchObject({ code, kind: "user" });
  });

  it("names the line of a broken object", async () => {
    expect(await faultOf(read("l.jsonl", '{"user": 1}\n{"user": \n'))).toMatchObject({
      place: files.path("l.jsonl:2"),
    });
  });
});

describe("Arrow and Parquet", () => {
  const ids = () => utf8DataOf(["a", "b"]);

  it("Arrow: lists of floats are a matrix, lists of ids are spread", async () => {
    const table = tableOf({ id: ids(), row: listData(Float32Array.of(1, 0, 0, 1), 2) });
    expect(await read("m.arrow", tableToIPC(table, "file"))).toEqual({
      columns: { id: ["a", "b"] },
      matrices: { row: matrix(2, 2, [1, 0, 0, 1]) },
    });
    const ranking = tableOf({ user: ids(), items: listData(Int32Array.of(5, 6, 7, 8), 2) });
    expect((await read("r.arrow", tableToIPC(ranking, "stream"))).columns).toEqual({
      user: ["a", "a", "b", "b"],
      items: [5, 6, 7, 8],
    });
    const names = new Table({
      user: vectorFromArray([1, 2], new Int32()),
      items: vectorFromArray([["x"], ["y", "z"]], new List(new Field("item", new Utf8()))),
    });
    expect((await read("n.arrow", tableToIPC(names, "file"))).columns).toEqual({
      user: [1, 2, 2],
      items: ["x", "y", "z"],
    });
  });

  it("Arrow: a row without its list is named", async () => {
    const type = new FixedSizeList(2, new Field("item", new Float32()));
    const table = new Table({ id: vectorFromArray(["a", "b"]), row: vectorFromArray([[1, 2], null], type) });
    expect(await faultOf(read("null.arrow", tableToIPC(table, "file")))).toMatchObject({ code: "KDP7007" });
  });

  it("Arrow: 64-bit ids keep all digits", async () => {
    const table = tableFromArrays({ id: BigInt64Array.of(5n, 9007199254740993n) });
    expect((await read("big.arrow", tableToIPC(table, "file"))).columns).toEqual({ id: [5, "9007199254740993"] });
  });

  it("Parquet: scalars, lists of floats, lists of ids", async () => {
    const { DuckDBInstance } = await import("@duckdb/node-api");
    const instance = await DuckDBInstance.create(":memory:");
    const connection = await instance.connect();
    const path = files.path("x.parquet");
    await connection.run(
      `COPY (SELECT 'u' || i AS user, [10 + i, 20 + i] AS items, CAST(i AS FLOAT) / 2 AS score FROM range(2) t(i)) TO '${path}' (FORMAT parquet)`,
    );
    expect((await readFileTables(path)).columns).toEqual({
      user: ["u0", "u0", "u1", "u1"],
      items: [10, 20, 11, 21],
      score: [0, 0, 0.5, 0.5],
    });
    await connection.run(
      `COPY (SELECT i AS id, CAST([i, 1] AS FLOAT[]) AS e, NULL::INT AS n FROM range(3) t(i)) TO '${path}' (FORMAT parquet)`,
    );
    expect(await readFileTables(path)).toEqual({
      columns: { id: [0, 1, 2], n: [null, null, null] },
      matrices: { e: matrix(3, 2, [0, 1, 1, 1, 2, 1]) },
    });
    connection.closeSync();
    instance.closeSync();
  });
});

/** An array as NumPy's `save` writes it. */
function npy(descr: string, shape: string, data: Uint8Array, fortran = false, version = 1): Buffer {
  const header = `{'descr': '${descr}', 'fortran_order': ${fortran ? "True" : "False"}, 'shape': (${shape}), }\n`;
  const length = Buffer.alloc(version === 1 ? 2 : 4);
  if (version === 1) length.writeUInt16LE(header.length);
  else length.writeUInt32LE(header.length);
  return Buffer.concat([
    Buffer.from([0x93]),
    Buffer.from("NUMPY"),
    Buffer.from([version, 0]),
    length,
    Buffer.from(header),
    data,
  ]);
}
const bytesOf = (values: Float32Array | Float64Array | Int32Array | Uint16Array) => new Uint8Array(values.buffer);

describe(".npy", () => {
  const array = (m: object) => ({ columns: {}, matrices: { array: m } });

  it("float32, float64, int32, float16; both orders; both header lengths; a vector is one column", async () => {
    const values = [1, 2, 3, 4, 5, 6];
    const expected = array(matrix(2, 3, values));
    expect(await read("a.npy", npy("<f4", "2, 3", bytesOf(Float32Array.from(values))))).toEqual(expected);
    expect(await read("b.npy", npy("<f8", "2, 3", bytesOf(Float64Array.from(values)), false, 2))).toEqual(expected);
    expect(await read("c.npy", npy("<i4", "2, 3", bytesOf(Int32Array.from(values))))).toEqual(expected);
    expect(await read("d.npy", npy("<f4", "2, 3", bytesOf(Float32Array.of(1, 4, 2, 5, 3, 6)), true))).toEqual(expected);
    expect(await read("e.npy", npy("<f2", "2,", bytesOf(Uint16Array.of(0x3c00, 0xc000))))).toEqual(
      array(matrix(2, 1, [1, -2])),
    );
  });

  it.each([
    ["truncated data", npy("<f4", "2, 3", new Uint8Array(20)), "KDP7009"],
    ["truncated header", Buffer.from("934e554d505901", "hex"), "KDP7009"],
    ["strings", npy("<U4", "2, 3", new Uint8Array(96)), "KDP7010"],
    ["three dimensions", npy("<f4", "1, 2, 3", new Uint8Array(24)), "KDP7010"],
    ["big-endian", npy(">f4", "2, 3", new Uint8Array(24)), "KDP7010"],
  ])("%s", async (_, content, code) => {
    expect(await faultOf(read("bad.npy", content))).toMatchObject({ code, kind: "user" });
  });
});

/** A file as the safetensors library writes it. */
function safetensors(header: object, data: Uint8Array): Buffer {
  const text = Buffer.from(JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(text.length));
  return Buffer.concat([length, text, data]);
}

describe("safetensors", () => {
  it("matrices by name, of all float types", async () => {
    const data = Buffer.concat([
      bytesOf(Float32Array.of(1, 2)),
      bytesOf(Float64Array.of(3, 4)),
      bytesOf(Uint16Array.of(0x3c00, 0x4000)),
      bytesOf(Uint16Array.of(0x3f80, 0xc000)),
    ]);
    const info = (dtype: string, shape: number[], from: number, to: number) => ({
      dtype,
      shape,
      data_offsets: [from, to],
    });
    const tables = await read(
      "a.safetensors",
      safetensors(
        {
          __metadata__: { made: "by hand" },
          f32: info("F32", [1, 2], 0, 8),
          f64: info("F64", [2, 1], 8, 24),
          f16: info("F16", [1, 2], 24, 28),
          bf16: info("BF16", [1, 2], 28, 32),
          bias: info("F32", [2], 0, 8),
        },
        data,
      ),
    );
    expect(tables.matrices).toEqual({
      f32: matrix(1, 2, [1, 2]),
      f64: matrix(2, 1, [3, 4]),
      f16: matrix(1, 2, [1, 2]),
      bf16: matrix(1, 2, [1, -2]),
    });
  });

  it.each([
    [
      "truncated data",
      safetensors({ a: { dtype: "F32", shape: [2, 2], data_offsets: [0, 16] } }, new Uint8Array(8)),
      "KDP7009",
    ],
    [
      "offsets that do not fit the shape",
      safetensors({ a: { dtype: "F32", shape: [2, 2], data_offsets: [0, 8] } }, new Uint8Array(8)),
      "KDP7009",
    ],
    [
      "integers",
      safetensors({ a: { dtype: "I64", shape: [1, 1], data_offsets: [0, 8] } }, new Uint8Array(8)),
      "KDP7010",
    ],
    ["a cut header", safetensors({ a: {} }, new Uint8Array(0)).subarray(0, 12), "KDP7009"],
  ])("%s", async (_, content, code) => {
    expect(await faultOf(read("bad.safetensors", content))).toMatchObject({ code, kind: "user" });
  });
});

describe("half precision", () => {
  it("normal, subnormal, zero, infinite, NaN", () => {
    expect([0x3c00, 0x3555, 0x0001, 0x8000, 0x7c00, 0xfc00].map(halfToNumber)).toEqual([
      1,
      0.333251953125,
      2 ** -24,
      -0,
      Infinity,
      -Infinity,
    ]);
    expect(halfToNumber(0x7e00)).toBeNaN();
  });
});
