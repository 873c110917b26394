import "reflect-metadata";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Float32, makeData, Table, tableFromArrays } from "apache-arrow";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { RuntimeFault } from "../faults.js";
import { sha256 } from "../keys/sha256.js";
import { collectGarbage } from "../memory/collect-garbage.js";
import { FolderStore, type PublishedFacts } from "./artefact-store.js";
import { FileCheckpoints } from "./checkpoints.js";
import { StoreLayout } from "./layout.js";
import { SystemProcesses } from "./process-identity.js";
import { nodeStoreFs, type StoreFs } from "./store-fs.js";
import { sweepTemporary, temporaryName } from "./temporary.js";

let folder: string;
let layout: StoreLayout;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "kdp-store-"));
  layout = new StoreLayout(folder);
});
afterEach(() => rmSync(folder, { recursive: true }));

const KEY = sha256("a key");
const FACTS: PublishedFacts = {
  stage: "add",
  node: "a",
  seconds: 1,
  createdAt: "2026-01-01T00:00:00.000Z",
  peakRssBytes: 1,
};
const store = (fs: StoreFs = nodeStoreFs) => new FolderStore(layout, fs, new SystemProcesses());
const numbers = (...values: number[]) =>
  new Table({ value: makeData({ type: new Float32(), data: Float32Array.from(values) }) });

async function publish(at: FolderStore, ...values: number[]) {
  const draft = await at.draft(KEY);
  draft.table("value", numbers(...values));
  draft.facts({ sum: values.reduce((sum, value) => sum + value, 0) });
  draft.note("a note");
  return draft.publish(FACTS);
}

async function codeOf(promise: Promise<unknown>): Promise<string | null> {
  const error = await promise.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  if (error === null) return null;
  if (error instanceof RuntimeFault) return error.data.code;
  throw error;
}

describe("an artefact", () => {
  it("is nowhere until it is published, and then whole", async () => {
    const at = store();
    const draft = await at.draft(KEY);
    draft.table("value", numbers(1, 2));
    expect(await at.lookup(KEY)).toEqual({ status: "missing" });
    expect(await at.keys()).toEqual([]);
    const meta = await draft.publish(FACTS);
    expect(await at.lookup(KEY)).toMatchObject({ status: "hit", meta: { ...meta, digest: expect.any(String) } });
    expect(await at.keys()).toEqual([KEY]);
    expect(readdirSync(layout.temporary)).toEqual([]);
    expect(readdirSync(layout.artefact(KEY)).sort()).toEqual(["artefact.json", "value.arrow"]);
  });

  it("tells rows, bytes, digests and types of its tables", async () => {
    await publish(store(), 1, 2, 3);
    const { meta } = await store().open(KEY);
    const bytes = readFileSync(join(layout.artefact(KEY), "value.arrow"));
    expect(meta).toMatchObject({ facts: { sum: 6 }, notes: ["a note"], stage: "add", node: "a", key: KEY });
    expect(meta.tables).toEqual([
      {
        name: "value",
        file: "value.arrow",
        rows: 3,
        bytes: bytes.length,
        sha256: sha256(bytes),
        schema: [{ name: "value", type: "Float32", nullable: expect.any(Boolean) }],
      },
    ]);
  });

  it("is read without a copy: columns are views of one buffer", async () => {
    const draft = await store().draft(KEY);
    draft.table("pair", tableFromArrays({ a: Float32Array.of(1, 2), b: Int32Array.of(3, 4) }));
    await draft.publish(FACTS);
    const artefact = await store().open(KEY);
    const read = artefact.table("pair");
    const [a, b] = ["a", "b"].map((name) => read.getChild(name)?.data[0]?.values);
    expect([...a, ...b]).toEqual([1, 2, 3, 4]);
    expect(a.buffer).toBe(b.buffer);
    expect(a.buffer.byteLength).toBe(artefact.meta.tables[0]?.bytes);
    const again = artefact.table("pair").getChild("a")?.data[0]?.values as Float32Array;
    expect(again.buffer).toBe(a.buffer);
  });

  it("lets go of a table that is read once as soon as nobody holds a column of it", async () => {
    const draft = await store().draft(KEY);
    draft.table("long", new Table({ a: makeData({ type: new Float32(), data: new Float32Array(25e6) }) }));
    await draft.publish(FACTS);
    const artefact = await store().open(KEY);
    const lengthOf = () => artefact.table("long", "once").getChild("a")?.data[0]?.values.length;
    collectGarbage();
    const before = process.memoryUsage().arrayBuffers;
    // In one turn, without waiting: several large tables are read one after the other.
    for (let time = 0; time < 3; time++) {
      expect(lengthOf()).toBe(25e6);
      collectGarbage();
    }
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(50e6);
  });

  it("keeps the rows of small metrics in its description", async () => {
    const draft = await store().draft(KEY);
    draft.table(
      "metrics",
      tableFromArrays({
        metric: ["ndcg", "hit"],
        value: Float64Array.of(0.25, Number.NaN),
        big: BigInt64Array.of(1n, 2n),
      }),
    );
    await draft.publish(FACTS);
    const found = await store().lookup(KEY);
    expect(found.status === "hit" && found.meta.rows).toEqual({
      metrics: [
        { metric: "ndcg", value: 0.25, big: 1 },
        { metric: "hit", value: null, big: 2 },
      ],
    });
  });

  it("that comes second gives way to the first", async () => {
    const at = store();
    const [first, second] = [await at.draft(KEY), await at.draft(KEY)];
    first.table("value", numbers(1));
    second.table("value", numbers(2));
    await first.publish({ ...FACTS, node: "first" });
    expect((await second.publish({ ...FACTS, node: "second" })).node).toBe("first");
    expect((await at.open(KEY)).table("value").get(0)?.toJSON()).toEqual({ value: 1 });
    expect(readdirSync(layout.temporary)).toEqual([]);
  });

  it("replaces a damaged one", async () => {
    await publish(store(), 1);
    writeFileSync(join(layout.artefact(KEY), "value.arrow"), "torn");
    await publish(store(), 2);
    expect((await store().open(KEY)).table("value").get(0)?.toJSON()).toEqual({ value: 2 });
  });

  it("whose table was changed is not read, and the table that it lacks is named", async () => {
    await publish(store(), 1);
    const artefact = await store().open(KEY);
    expect(() => artefact.table("other")).toThrow(/has no table "other"/);
    const path = join(layout.artefact(KEY), "value.arrow");
    const bytes = readFileSync(path);
    writeFileSync(path, Buffer.concat([bytes.subarray(0, -1), Buffer.of(7)]));
    expect(() => artefact.table("value")).toThrow(/damaged: its digest differs/);
    expect(await store().verify(KEY)).toEqual({ status: "damaged", why: "the content of value.arrow was changed" });
  });

  it("cannot be opened when it is not there", async () => {
    expect(await codeOf(store().open(KEY))).toBe("KDP8008");
  });

  it("refuses two tables of one name and names that are paths", async () => {
    const draft = await store().draft(KEY);
    draft.table("value", numbers(1));
    expect(() => draft.table("value", numbers(1))).toThrow(/written twice/);
    expect(() => draft.table("../value", numbers(1))).toThrow(/not a name for a table/);
    draft.abandon();
    expect(readdirSync(layout.temporary)).toEqual([]);
  });
});

/** The real file system until the operation number `at` of one kind, which fails. */
function failing(operation: "writeSync" | "fsync" | "renameSync" | "openSync", code: string, at = 1): StoreFs {
  let count = 0;
  const refuse = (...args: never[]) => {
    count++;
    const error = Object.assign(new Error(`${code}: imitated`), { code });
    if (count === at && operation === "fsync") return (args.at(-1) as unknown as (error: Error) => void)(error);
    if (count === at) throw error;
    return (nodeStoreFs[operation] as (...args: never[]) => unknown)(...args);
  };
  return { ...nodeStoreFs, [operation]: refuse } as StoreFs;
}

describe("a file system that refuses", () => {
  it.each([
    ["writeSync", "ENOSPC", 1, "KDP8003"],
    ["writeSync", "EDQUOT", 2, "KDP8003"],
    ["fsync", "ENOSPC", 1, "KDP8003"],
    ["fsync", "EDQUOT", 2, "KDP8003"],
    ["openSync", "EROFS", 1, "KDP8004"],
    ["renameSync", "EACCES", 1, "KDP8004"],
  ] as const)("%s with %s leaves no half of an artefact", async (operation, code, at, expected) => {
    expect(await codeOf(publish(store(failing(operation, code, at)), 1, 2))).toBe(expected);
    expect(await store().lookup(KEY)).toEqual({ status: "missing" });
    await publish(store(), 1, 2);
    expect((await store().verify(KEY)).status).toBe("hit");
  });
});

describe("a checkpoint", () => {
  const checkpoint = (key = KEY, fs: StoreFs = nodeStoreFs) => new FileCheckpoints(layout, fs, key);

  it("comes back as it was saved last", async () => {
    expect(await checkpoint().load()).toBeNull();
    await checkpoint().save(Uint8Array.of(1, 2, 3));
    await checkpoint().save(Uint8Array.of(4, 5));
    const loaded = await checkpoint().load();
    expect(loaded).toEqual(Uint8Array.of(4, 5));
    expect(loaded?.byteOffset).toBe(0);
    checkpoint().drop();
    expect(await checkpoint().load()).toBeNull();
  });

  it("that is torn, changed or of another key is not there", async () => {
    await checkpoint().save(Uint8Array.of(1, 2, 3));
    const path = layout.checkpoint(KEY);
    const bytes = readFileSync(path);
    for (const torn of [
      bytes.subarray(0, -1),
      bytes.subarray(0, 20),
      Buffer.alloc(0),
      Buffer.concat([bytes, Buffer.of(1)]),
    ]) {
      writeFileSync(path, torn);
      expect(await checkpoint().load()).toBeNull();
    }
    const other = sha256("another key");
    writeFileSync(layout.checkpoint(other), bytes);
    expect(await checkpoint(other).load()).toBeNull();
  });

  it("that cannot be written leaves the one before", async () => {
    await checkpoint().save(Uint8Array.of(1));
    expect(await codeOf(checkpoint(KEY, failing("writeSync", "ENOSPC")).save(Uint8Array.of(2)))).toBe("KDP8003");
    expect(await checkpoint().load()).toEqual(Uint8Array.of(1));
  });
});

describe("leftovers of killed processes", () => {
  it("are removed, those of live ones stay", async () => {
    const processes = new SystemProcesses();
    await (await store().draft(KEY)).table("value", numbers(1));
    const dead = temporaryName(KEY, { ...processes.self, pid: 2 ** 30 });
    const reused = temporaryName(KEY, { ...processes.self, started: "earlier" });
    for (const name of [dead, reused]) nodeStoreFs.mkdirSync(join(layout.temporary, name));
    expect(sweepTemporary(layout, nodeStoreFs, processes)).toBe(2);
    expect(readdirSync(layout.temporary)).toHaveLength(1);
    expect(existsSync(join(layout.temporary, dead))).toBe(false);
  });
});
