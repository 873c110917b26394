import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { Dictionary, Int32, Table, tableFromArrays, tableToIPC, Utf8, vectorFromArray } from "apache-arrow";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { FaultData } from "../faults.js";
import { buildDataset, newIdSink } from "./build-dataset.js";
import type { Filters } from "./filter-interactions.js";
import type { ReadOptions } from "./interaction-source.js";
import { readInteractionFile } from "./read-interactions.js";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "kdp-data-"));
});
afterAll(() => rm(folder, { recursive: true }));

const NO_COLUMNS = { user: null, item: null, rating: null, timestamp: null };
const DETECT: ReadOptions = { columns: NO_COLUMNS, header: null, delimiter: null };
const NO_FILTERS: Filters = { minRating: null, minInteractions: null, minItemInteractions: null, core: null };

async function file(name: string, content: string | Uint8Array): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, content);
  return path;
}

type Options = Partial<Omit<ReadOptions, "columns">> & { columns?: Partial<ReadOptions["columns"]> };
const optionsOf = (options: Options): ReadOptions => ({
  ...DETECT,
  ...options,
  columns: { ...NO_COLUMNS, ...options.columns },
});

/** Rows as text, in the order of the file. */
async function read(path: string, options: Options = {}) {
  const ids = newIdSink();
  const result = await readInteractionFile(path, ids, optionsOf(options));
  const { user, item, rating, timestamp } = result.rows.columns();
  return {
    notes: result.notes,
    rows: Array.from(user, (u, row) => [
      ids.users.text(u),
      ids.items.text(item[row] as number),
      ...(rating ? [rating[row]] : []),
      ...(timestamp ? [timestamp[row]] : []),
    ]),
  };
}

async function faultOf(work: Promise<unknown>): Promise<FaultData> {
  const error = await work.then(
    () => null,
    (reason: { data: FaultData }) => reason,
  );
  if (!error) throw new Error("nothing thrown");
  if (!error.data) throw error;
  return error.data;
}

const fault = async (name: string, content: string | Uint8Array, options: Options = {}) =>
  faultOf(read(await file(name, content), options));

describe("reading text", () => {
  it("detects delimiter, header and columns, and reports them", async () => {
    const path = await file("a.csv", "userId,movieId,rating,timestamp\n1,10,4.5,100\n2,10,3,200\n");
    expect(await read(path)).toEqual({
      rows: [
        ["1", "10", 4.5, 100n],
        ["2", "10", 3, 200n],
      ],
      notes: [
        'read as text separated by ",", with a header',
        'columns: user = "userId", item = "movieId", rating = "rating", timestamp = "timestamp"',
      ],
    });
  });

  it("reads gzip by its bytes, whatever the name", async () => {
    const path = await file("b.txt", gzipSync("1\t2\t5\n1\t3\t4\n"));
    const { rows, notes } = await read(path);
    expect(rows).toEqual([
      ["1", "2", 5],
      ["1", "3", 4],
    ]);
    expect(notes[0]).toBe("read as gzip'd text separated by tab, without a header");
  });

  it("keeps ids as they are: unicode, quoted tabs, leading zeros", async () => {
    const path = await file("c.tsv", 'user\titem\nzoë\t007\n"a\tb"\t7\n"say ""hi"""\t日本\n');
    expect((await read(path)).rows).toEqual([
      ["zoë", "007"],
      ["a\tb", "7"],
      ['say "hi"', "日本"],
    ]);
  });

  it("takes columns by name and by index, in any order", async () => {
    const path = await file("d.csv", "stars,who,what\n5,1,9\n4,2,9\n");
    const columns = { user: "who", item: 2 };
    expect((await read(path, { columns })).rows).toEqual([
      ["1", "9", 5],
      ["2", "9", 4],
    ]);
    expect((await read(await file("e.tsv", "9\t1\n9\t2\n"), { columns: { user: 1, item: 0 } })).rows).toEqual([
      ["1", "9"],
      ["2", "9"],
    ]);
  });

  it("takes a third column of words for no rating", async () => {
    expect((await read(await file("f.tsv", "1\t2\tgood\n1\t3\tbad\n"))).rows).toEqual([
      ["1", "2"],
      ["1", "3"],
    ]);
  });

  it("lets the names of columns decide between two delimiters", async () => {
    const text = "a;b,c\n1;2,3\n4;5,6\n";
    expect((await fault("g.csv", text)).code).toBe("KDP7005");
    expect((await read(await file("g.csv", text), { columns: { user: "a", item: "b,c" } })).rows).toEqual([
      ["1", "2,3"],
      ["4", "5,6"],
    ]);
  });

  it("takes spaces for delimiters only when nothing else is", async () => {
    expect(
      (await read(await file("h.csv", "1,2,2020-01-01 10:00\n1,3,2020-01-02 11:00\n"), { columns: { timestamp: 2 } }))
        .rows,
    ).toEqual([
      ["1", "2", 1577872800n],
      ["1", "3", 1577962800n],
    ]);
    expect((await read(await file("i.txt", "1 2\n1  3\n"))).rows).toEqual([
      ["1", "2"],
      ["1", "3"],
    ]);
  });

  it("reads across the pieces of a long file", async () => {
    const n = 60_000;
    const text = Array.from({ length: n }, (_, i) => `user-${i % 977}\titem-${i % 1009}\t${i % 5}\n`).join("");
    for (const content of [text, gzipSync(text)]) {
      const { rows } = await read(await file("long.tsv", content));
      expect(rows.length).toBe(n);
      for (const i of [0, 19_999, 45_123, n - 1]) {
        expect(rows[i]).toEqual([`user-${i % 977}`, `item-${i % 1009}`, i % 5]);
      }
    }
  });
});

describe("bad text input, each with code, place and fix", () => {
  const cases: readonly [
    what: string,
    name: string,
    content: string | Uint8Array,
    options: Options,
    code: string,
    place?: string,
  ][] = [
    ["empty file", "empty.tsv", "", {}, "KDP7002"],
    ["only line breaks", "blank.tsv", "\n\n\n", {}, "KDP7002"],
    ["only a header", "header.csv", "user,item,rating\n", {}, "KDP7002"],
    [
      "truncated gzip",
      "cut.tsv.gz",
      gzipSync(Array.from({ length: 5000 }, (_, i) => `${i}\t${i % 7}\n`).join("")).subarray(0, 2000),
      {},
      "KDP7003",
    ],
    [
      "corrupt gzip",
      "bad.tsv.gz",
      Buffer.concat([gzipSync("1\t2\n").subarray(0, 12), Buffer.alloc(20, 7)]),
      {},
      "KDP7003",
    ],
    ["one column", "one.tsv", "1\n2\n3\n", {}, "KDP7004"],
    ["a quote that is never closed", "quote.tsv", 'u\ti\na\tx\nb\t"y\nc\tz\n', {}, "KDP7007", "quote.tsv:3"],
    ["wrong delimiter", "wrong.tsv", "1\t2\n3\t4\n", { delimiter: "," }, "KDP7005", "wrong.tsv:1"],
    ["ambiguous delimiter", "both.csv", "1;2,3\n4;5,6\n", {}, "KDP7005"],
    ["impossible delimiter", "imp.tsv", "1\t2\n", { delimiter: "\n" }, "KDP7005"],
    ["NaN rating", "nan.tsv", "1\t2\t5\n1\t3\tnan\n", {}, "KDP7006", "nan.tsv:2"],
    ["infinite rating", "inf.tsv", "1\t2\t5\n1\t3\t-inf\n", {}, "KDP7006", "inf.tsv:2"],
    ["missing rating", "miss.csv", "user,item,rating\n1,2,5\n1,3,\n", {}, "KDP7006", "miss.csv:3"],
    ["rating that is no number", "word.csv", "user,item,rating\n1,2,5\n1,3,good\n", {}, "KDP7007", "word.csv:3"],
    ["bad time stamp", "time.csv", "user,item,time\n1,2,5\n1,3,soon\n", {}, "KDP7007", "time.csv:3"],
    ["ragged line", "ragged.tsv", "1\t2\t3\n1\t3\n2\t4\t1\n", {}, "KDP7007", "ragged.tsv:2"],
    ["id with a tab in a TSV", "tab.tsv", "1\t2\n1\t3\na\tb\t4\n", {}, "KDP7007", "tab.tsv:3"],
    ["missing id", "noid.tsv", "1\t2\n\t3\n", {}, "KDP7007", "noid.tsv:2"],
    [
      "unclosed quote",
      "quote.csv",
      'user,item\n1,2\n"3,4\n',
      { header: true, delimiter: "," },
      "KDP7007",
      "quote.csv:3",
    ],
    ["unknown column", "col.csv", "user,item\n1,2\n", { columns: { rating: "stars" } }, "KDP7008"],
    ["index past the columns", "idx.tsv", "1\t2\n", { columns: { item: 2 } }, "KDP7008"],
    ["one column for two purposes", "two.tsv", "1\t2\n", { columns: { user: 1, item: 1 } }, "KDP7008"],
    ["header without user", "who.csv", "lecturer,grade\n1,2\n", {}, "KDP7008"],
    ["header or data?", "hd.tsv", "ann\tbook\nbob\tpen\n", {}, "KDP7008", "hd.tsv:1"],
    ["spreadsheet", "x.xlsx", Buffer.from("504b030414000600", "hex"), {}, "KDP7010"],
    ["UTF-16", "u.csv", Buffer.from("\ufeffa,b\n", "utf16le"), {}, "KDP7010"],
    ["zstd", "z.tsv.zst", Buffer.from("28b52ffd00", "hex"), {}, "KDP7010"],
    ["binary", "b.bin", Buffer.from([1, 0, 2, 0, 3, 10, 4]), {}, "KDP7010"],
    ["gzip'd Parquet", "p.parquet.gz", gzipSync("PAR1xxxxPAR1"), {}, "KDP7010"],
    ["JSON", "x.json", "[]", {}, "KDP7010"],
    [
      "Latin-1",
      "l.tsv",
      Buffer.concat([Buffer.from("1\t2\n1\t"), Buffer.from([0xfc]), Buffer.from("\n")]),
      { header: false },
      "KDP7012",
      "l.tsv:2",
    ],
  ];
  it.each(cases)("%s", async (_, name, content, options, code, place) => {
    const data = await fault(name, content, options);
    expect(data).toMatchObject({ code, kind: "user", place: join(folder, place ?? name) });
    expect(data.message.length).toBeGreaterThan(10);
    if (code !== "KDP7002") expect(data.fix?.length).toBeGreaterThan(10);
  });

  it("a file that is not there, and a folder", async () => {
    expect(await faultOf(read(join(folder, "nowhere.tsv")))).toMatchObject({ code: "KDP7001", kind: "user" });
    expect(await faultOf(read(folder))).toMatchObject({ code: "KDP7011" });
  });

  it("finds a bad line far behind the part that was looked at", async () => {
    const good = "1\t2\t3\n".repeat(200_000);
    expect(await fault("far.tsv", `${good}1\t2\n`)).toMatchObject({
      code: "KDP7007",
      place: join(folder, "far.tsv:200001"),
    });
  });

  it("names the other delimiter when the given one is wrong", async () => {
    expect((await fault("w.csv", "1;2\n3;4\n", { delimiter: "tab" })).fix).toContain('";"');
  });
});

describe("Arrow IPC", () => {
  const rows = () =>
    new Table({
      uid: vectorFromArray(["b", "a", "b"], new Dictionary(new Utf8(), new Int32())),
      item: vectorFromArray(Int32Array.of(7, 7, 9)),
      rating: vectorFromArray(Float32Array.of(1, 2, 3)),
      timestamp: vectorFromArray(BigInt64Array.of(5n, 6n, 7n)),
    });

  it.each(["file", "stream"] as const)("reads a %s", async (kind) => {
    const path = await file(`x.${kind}`, tableToIPC(rows(), kind));
    expect((await read(path)).rows).toEqual([
      ["b", "7", 1, 5n],
      ["a", "7", 2, 6n],
      ["b", "9", 3, 7n],
    ]);
  });

  it("64-bit and floating ids are the ids they spell", async () => {
    const table = tableFromArrays({ user: BigInt64Array.of(1n, 9007199254740993n), item: Float64Array.of(3, 4.5) });
    expect((await read(await file("big.arrow", tableToIPC(table, "file")))).rows).toEqual([
      ["1", "3"],
      ["9007199254740993", "4.5"],
    ]);
  });

  it.each(["file", "stream"] as const)("a truncated %s is an error, not a short table", async (kind) => {
    const bytes = tableToIPC(rows(), kind);
    for (const keep of [bytes.length - 1, bytes.length - 9, bytes.length >> 1]) {
      expect(await fault("cut.arrow", bytes.subarray(0, keep))).toMatchObject({ code: "KDP7009" });
    }
  });

  it("missing ids and ratings name their row", async () => {
    const noId = tableFromArrays({ user: ["a", null], item: ["x", "y"] });
    expect(await fault("n.arrow", tableToIPC(noId, "file"))).toMatchObject({
      code: "KDP7007",
      place: join(folder, "n.arrow:2"),
    });
    const nan = tableFromArrays({ user: ["a", "b"], item: ["x", "y"], rating: Float32Array.of(1, Number.NaN) });
    expect(await fault("r.arrow", tableToIPC(nan, "file"))).toMatchObject({
      code: "KDP7006",
      place: join(folder, "r.arrow:2"),
    });
    const words = tableFromArrays({ user: ["a"], item: ["x"], rating: ["good"] });
    expect(await fault("w.arrow", tableToIPC(words, "file"))).toMatchObject({ code: "KDP7007" });
    const one = tableFromArrays({ user: ["a"] });
    expect(await fault("o.arrow", tableToIPC(one, "file"))).toMatchObject({ code: "KDP7004" });
  });
});

describe("Parquet", () => {
  async function parquet(name: string, select: string): Promise<string> {
    const { DuckDBInstance } = await import("@duckdb/node-api");
    const instance = await DuckDBInstance.create(":memory:");
    const connection = await instance.connect();
    const path = join(folder, name);
    await connection.run(`COPY (${select}) TO '${path}' (FORMAT parquet)`);
    connection.closeSync();
    instance.closeSync();
    return path;
  }

  it("reads numbers, text and times in file order", async () => {
    const path = await parquet(
      "a[seed=0]*.parquet",
      "SELECT 3 - i AS user, 'film ' || i AS item, i / 2.0 AS rating, TIMESTAMP '2020-01-01 00:00:00' + INTERVAL (i) SECOND AS time FROM range(3) t(i)",
    );
    expect((await read(path)).rows).toEqual([
      ["3", "film 0", 0, 1577836800n],
      ["2", "film 1", 0.5, 1577836801n],
      ["1", "film 2", 1, 1577836802n],
    ]);
  });

  it("keeps the order and every row of a file of many chunks", async () => {
    const path = await parquet("many.parquet", "SELECT i AS user, i * 10000000000 AS item FROM range(10000) t(i)");
    const { rows } = await read(path);
    expect(rows.length).toBe(10_000);
    expect(rows[7777]).toEqual(["7777", "77770000000000"]);
  });

  it("floats that are whole are the ids they stand for", async () => {
    const path = await parquet("f.parquet", "SELECT CAST(7 AS DOUBLE) AS user, CAST(1.5 AS DOUBLE) AS item");
    expect((await read(path)).rows).toEqual([["7", "1.5"]]);
  });

  it.each([
    ["missing id", "SELECT NULL::INT AS user, 1 AS item", "KDP7007"],
    ["NaN rating", "SELECT 1 AS user, 1 AS item, 'nan'::DOUBLE AS rating", "KDP7006"],
    ["no rating", "SELECT 1 AS user, 1 AS item, NULL::DOUBLE AS rating", "KDP7006"],
    ["rating of words", "SELECT 1 AS user, 1 AS item, 'x' AS rating", "KDP7007"],
    ["one column", "SELECT 1 AS user", "KDP7004"],
    ["no rows", "SELECT 1 AS user, 2 AS item WHERE false", "KDP7002"],
  ])("%s", async (_, select, code) => {
    expect(await faultOf(read(await parquet("bad.parquet", select)))).toMatchObject({ code });
  });

  it("a truncated file", async () => {
    expect(await fault("cut.parquet", Buffer.from("PAR1 and then nothing that ends it"))).toMatchObject({
      code: "KDP7009",
    });
  });
});

describe("buildDataset", () => {
  it("counts what it leaves out and numbers ids by first appearance among what stays", async () => {
    const path = await file("d.tsv", "z\tp\t1\na\tq\t5\na\tp\t4\na\tq\t4\nb\tq\t5\n");
    const built = await buildDataset(path, DETECT, { ...NO_FILTERS, minRating: 4 });
    expect(Buffer.from(built.userIds.bytes).toString()).toBe("ab");
    expect(Buffer.from(built.itemIds.bytes).toString()).toBe("qp");
    expect(built.table).toEqual({
      users: 2,
      items: 2,
      user: Int32Array.of(0, 0, 1),
      item: Int32Array.of(0, 1, 0),
      rating: Float32Array.of(5, 4, 5),
      timestamp: null,
    });
    expect(built.facts).toMatchObject({ rows: 5, interactions: 3, duplicates: 1, below_min_rating: 1 });
    expect(built.notes.slice(2)).toEqual([
      "1 interaction below min_rating left out",
      "KDP7101: 1 repeated pair of user and item left out, the first kept",
      "KDP7102: 1 user has a single interaction",
    ]);
  });

  it("says when nothing is left, and when there is nothing to filter by", async () => {
    const path = await file("n.tsv", "1\t2\n2\t3\n");
    const build = (filters: Partial<Filters>) => faultOf(buildDataset(path, DETECT, { ...NO_FILTERS, ...filters }));
    expect(await build({ core: 2 })).toMatchObject({ code: "KDP7104" });
    expect(await build({ minRating: 4 })).toMatchObject({ code: "KDP7008" });
  });
});
