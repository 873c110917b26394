import "reflect-metadata";
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Float32, makeData, Table } from "apache-arrow";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { sha256 } from "../keys/sha256.js";
import { FolderStore } from "./artefact-store.js";
import { StoreLayout } from "./layout.js";
import { Leases } from "./leases.js";
import { FileLocks } from "./locks.js";
import { CacheMaintenance } from "./maintenance.js";
import { SystemProcesses } from "./process-identity.js";
import { nodeStoreFs } from "./store-fs.js";
import { temporaryName } from "./temporary.js";

let folder: string;
let layout: StoreLayout;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "kdp-cache-"));
  layout = new StoreLayout(folder);
});
afterEach(() => rmSync(folder, { recursive: true }));

const processes = new SystemProcesses();
/** A child that ran and ended: nobody has its number and its start any more. */
const dead = {
  ...processes.self,
  pid: spawnSync(process.execPath, ["-e", ""]).pid,
  started: "an earlier start",
};
const leases = () => new Leases(layout, nodeStoreFs, processes);
const store = () => new FolderStore(layout, nodeStoreFs, processes);
const cache = () => new CacheMaintenance(layout, nodeStoreFs, store(), leases(), processes);

/** Publishes an artefact of `rows` numbers, last used `day` days after 2026-01-01. */
async function publish(name: string, day: number, rows = 10): Promise<string> {
  const key = sha256(name);
  const draft = await store().draft(key);
  draft.table("value", new Table({ value: makeData({ type: new Float32(), data: new Float32Array(rows) }) }));
  await draft.publish({ stage: "add", node: name, seconds: 1, createdAt: "2026-01-01T00:00:00.000Z", peakRssBytes: 1 });
  const used = new Date(Date.UTC(2026, 0, 1 + day));
  utimesSync(join(layout.artefact(key), "artefact.json"), used, used);
  return key;
}

function remember(pipeline: string, ...keys: readonly string[]): void {
  mkdirSync(layout.memories, { recursive: true });
  writeFileSync(
    layout.memory(pipeline),
    JSON.stringify({ kdpMemory: 1, nodes: Object.fromEntries(keys.map((key, at) => [`n${at}`, { key }])) }),
  );
}

const named = (entries: readonly { readonly node: string }[]) => entries.map(({ node }) => node);

describe("the list of the cache", () => {
  it("is empty where nothing was ever stored", async () => {
    expect(await cache().list()).toEqual([]);
    expect(await cache().verify()).toEqual({ checked: 0, damaged: [] });
    expect(await cache().collect()).toEqual({ removed: [], removedBytes: 0, keptBytes: 0, leftovers: 0 });
  });

  it("has the most recently used first, with size, use and damage", async () => {
    const [old, recent, torn] = [
      await publish("old", 1, 1),
      await publish("recent", 3, 1000),
      await publish("torn", 2),
    ];
    remember("p", recent);
    writeFileSync(join(layout.artefact(torn), "value.arrow"), "");
    const size = readFileSync(join(layout.artefact(recent), "value.arrow")).length;
    expect(await cache().list()).toMatchObject([
      { key: recent, node: "recent", bytes: size, inUse: true, damage: null, lastUsedAt: "2026-01-04T00:00:00.000Z" },
      { key: torn, node: "unknown", inUse: false, damage: expect.stringContaining("value.arrow has 0 bytes") },
      { key: old, node: "old", inUse: false, damage: null, createdAt: "2026-01-01T00:00:00.000Z" },
    ]);
  });

  it("leaves out what is no artefact, and bears a memory that cannot be read", async () => {
    const key = await publish("a", 1);
    mkdirSync(join(layout.store, key.slice(0, 2), "notes"));
    remember("p", key);
    writeFileSync(layout.memory("torn"), "{");
    expect(await cache().list()).toMatchObject([{ key, inUse: true }]);
  });
});

describe("collecting", () => {
  it("a dry run tells the same and removes nothing", async () => {
    await publish("a", 1);
    const kept = await publish("b", 2);
    remember("p", kept);
    const told = await cache().collect({ dryRun: true });
    expect(named(await cache().list())).toEqual(["b", "a"]);
    const done = await cache().collect();
    expect(done.removed).toEqual(told.removed);
    expect(named(done.removed)).toEqual(["a"]);
    expect(named(await cache().list())).toEqual(["b"]);
  });

  it("takes the least recently used until the size fits, and never what a live run holds", async () => {
    const keys = [await publish("a", 1), await publish("b", 2), await publish("c", 3)];
    remember("p", ...keys);
    const bytes = (await cache().list())[0]?.bytes ?? 0;
    const end = leases().take("run", keys.slice(0, 1));
    const { removed, keptBytes } = await cache().collect({ maxBytes: 2 * bytes });
    expect([named(removed), keptBytes]).toEqual([["b"], 2 * bytes]);
    expect(named((await cache().collect({ maxBytes: 0 })).removed)).toEqual(["c"]);
    end();
    expect(named((await cache().collect({ maxBytes: 0 })).removed)).toEqual(["a"]);
  });

  it("takes damaged artefacts though the last run counts on them", async () => {
    const key = await publish("a", 1);
    remember("p", key);
    writeFileSync(join(layout.artefact(key), "artefact.json"), "{");
    expect((await cache().collect()).removed).toMatchObject([{ key, damage: expect.any(String) }]);
    expect(await store().lookup(key)).toEqual({ status: "missing" });
  });

  it("forgets the lease of a run that was killed", async () => {
    const key = await publish("a", 1);
    mkdirSync(layout.leases, { recursive: true });
    writeFileSync(join(layout.leases, "gone.json"), JSON.stringify({ owner: dead, keys: [key] }));
    expect(named((await cache().collect()).removed)).toEqual(["a"]);
    expect(readdirSync(layout.leases)).toEqual([]);
  });

  /** What a process leaves that is killed while it computes `key`: drafts of an artefact, a checkpoint and a lock, and a lock. */
  function leave(key: string, owner: typeof dead): void {
    for (const path of [layout.checkpoints, layout.locks, join(layout.temporary, temporaryName(key, owner))])
      mkdirSync(path, { recursive: true });
    writeFileSync(`${layout.checkpoint(key)}.0123456789ab.tmp`, "half");
    writeFileSync(`${layout.lock(key)}.token`, "half");
    writeFileSync(layout.lock(key), JSON.stringify({ ...owner, token: "t", run: "r", node: "n", since: "" }));
  }

  it("sweeps what killed processes left behind, and the checkpoint of a finished node only", async () => {
    const [finished, cut] = [await publish("finished", 1), sha256("cut")];
    remember("p", finished);
    leave(cut, dead);
    for (const key of [finished, cut]) writeFileSync(layout.checkpoint(key), "a checkpoint");
    expect(await cache().collect()).toMatchObject({ removed: [], leftovers: 5 });
    expect(readdirSync(layout.checkpoints)).toEqual([`${cut}.ckpt`]);
    expect([...readdirSync(layout.locks), ...readdirSync(layout.temporary)]).toEqual([]);
  });

  it("takes nothing from under a live run, not even what it has written half", async () => {
    const key = sha256("running");
    leave(key, processes.self);
    writeFileSync(layout.checkpoint(key), "a checkpoint");
    const end = leases().take("run", [key]);
    expect(await cache().collect()).toMatchObject({ leftovers: 0 });
    expect(readdirSync(layout.checkpoints)).toHaveLength(2);
    expect(readdirSync(layout.locks)).toHaveLength(2);
    end();
    // The lock and the draft of the artefact still name a live owner; the drafts name nobody.
    expect(await cache().collect()).toMatchObject({ leftovers: 2 });
    expect(new FileLocks(layout, nodeStoreFs, processes).holder(key)).toMatchObject(processes.self);
    expect(readdirSync(layout.checkpoints)).toEqual([`${key}.ckpt`]);
  });
});
