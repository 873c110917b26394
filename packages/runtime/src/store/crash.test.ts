import "reflect-metadata";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Float32, makeData, Table } from "apache-arrow";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { sha256 } from "../keys/sha256.js";
import { FolderStore } from "./artefact-store.js";
import { StoreLayout } from "./layout.js";
import { FileLocks } from "./locks.js";
import { SystemProcesses } from "./process-identity.js";
import { nodeStoreFs, type StoreFs } from "./store-fs.js";
import { sweepTemporary } from "./temporary.js";

const CHILD = fileURLToPath(new URL("../../test/fixtures/store-child.mjs", import.meta.url));
const KEY = sha256("a key");

let folder: string;
let layout: StoreLayout;
const children: ChildProcess[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "kdp-crash-"));
  layout = new StoreLayout(folder);
});
afterEach(() => {
  for (const child of children.splice(0)) child.kill("SIGKILL");
  rmSync(folder, { recursive: true });
});

const processes = new SystemProcesses();
const store = (fs: StoreFs = nodeStoreFs) => new FolderStore(layout, fs, processes);
const locks = (fs: StoreFs = nodeStoreFs) => new FileLocks(layout, fs, processes);
const mine = { run: "mine", node: "a" };
const numbers = (...values: number[]) =>
  new Table({ value: makeData({ type: new Float32(), data: Float32Array.from(values) }) });

async function publish(at: FolderStore, ...values: number[]) {
  const draft = await at.draft(KEY);
  for (const name of ["first", "second"]) draft.table(name, numbers(...values));
  return draft.publish({ stage: "add", node: "a", seconds: 1, createdAt: "2026-01-01T00:00:00.000Z", peakRssBytes: 1 });
}

/** A child that has come to a place in its work and waits there. */
async function childAt(where: "draft" | "sealed" | "lock"): Promise<ChildProcess> {
  const child = spawn(process.execPath, [CHILD, folder, KEY, where], { stdio: ["pipe", "pipe", "inherit"] });
  children.push(child);
  const [said] = await Promise.race([
    once(child.stdout, "data"),
    once(child, "close").then(([code]) => [`ended with ${code}`]),
  ]);
  expect(String(said)).toBe("here\n");
  return child;
}

async function kill(child: ChildProcess): Promise<void> {
  const closed = once(child, "close");
  child.kill("SIGKILL");
  expect(await closed).toEqual([null, "SIGKILL"]);
}

describe("a process killed while it writes an artefact", () => {
  it.each([
    ["between two tables", "draft", ["first.arrow"]],
    ["before the rename", "sealed", ["artefact.json", "first.arrow", "second.arrow"]],
  ] as const)("%s publishes nothing, and what it left is swept", async (_, where, written) => {
    const child = await childAt(where);
    const [draft] = readdirSync(layout.temporary);
    expect(readdirSync(join(layout.temporary, draft ?? "")).sort()).toEqual(written);
    expect(await store().lookup(KEY)).toEqual({ status: "missing" });
    expect(sweepTemporary(layout, nodeStoreFs, processes)).toBe(0);
    await kill(child);
    expect(await store().lookup(KEY)).toEqual({ status: "missing" });
    expect(await store().keys()).toEqual([]);
    expect(sweepTemporary(layout, nodeStoreFs, processes)).toBe(1);
    expect(readdirSync(layout.temporary)).toEqual([]);
    await publish(store(), 1);
    expect((await store().verify(KEY)).status).toBe("hit");
  });

  it("a reader beside the rename sees nothing or all", async () => {
    const seen: string[] = [];
    const look = () => {
      const there = nodeStoreFs.existsSync(layout.artefact(KEY)) ? readdirSync(layout.artefact(KEY)).sort() : [];
      seen.push(there.join(" "));
    };
    const watched = Object.fromEntries(
      (["openSync", "writeSync", "fsync", "fsyncSync", "closeSync", "renameSync"] as const).map((name) => {
        const operation = nodeStoreFs[name] as (...args: readonly unknown[]) => unknown;
        return [
          name,
          (...args: readonly unknown[]) => {
            const result = operation(...args);
            look();
            return result;
          },
        ];
      }),
    );
    await publish(store({ ...nodeStoreFs, ...watched } as StoreFs), 1, 2);
    expect(seen.length).toBeGreaterThan(10);
    expect([...new Set(seen)]).toEqual(["", "artefact.json first.arrow second.arrow"]);
  });
});

describe("an Arrow file that was cut", () => {
  it("at any length is a miss that says so", async () => {
    await publish(store(), 1, 2, 3);
    const path = join(layout.artefact(KEY), "second.arrow");
    const whole = readFileSync(path).length;
    for (const length of [whole - 1, whole >> 1, 8, 0]) {
      truncateSync(path, length);
      const why = `second.arrow has ${length} bytes instead of ${whole}`;
      expect(await store().lookup(KEY)).toEqual({ status: "damaged", why });
      expect(await store().verify(KEY)).toEqual({ status: "damaged", why });
      await expect(store().open(KEY)).rejects.toMatchObject({ data: { code: "KDP8008", place: layout.artefact(KEY) } });
    }
  });
});

describe("the lock of a key", () => {
  it("is held by one; others are told by whom, until it is released", () => {
    const first = locks().tryAcquire(KEY, mine);
    expect(locks().tryAcquire(KEY, { run: "other", node: "b" })).toMatchObject({
      held: false,
      holder: { ...processes.self, ...mine },
    });
    expect(locks().tryAcquire(sha256("another key"), mine).held).toBe(true);
    if (first.held) first.release();
    const second = locks().tryAcquire(KEY, { run: "other", node: "b" });
    expect(second.held).toBe(true);
    // A late or second release takes nothing from the next owner.
    if (first.held) first.release();
    expect(locks().holder(KEY)).toMatchObject({ run: "other", node: "b" });
  });

  it("of another process is respected while it lives, and taken over when it was killed", async () => {
    const child = await childAt("lock");
    expect(locks().tryAcquire(KEY, mine)).toMatchObject({ held: false, holder: { pid: child.pid, run: "child" } });
    await kill(child);
    expect(locks().holder(KEY)).toMatchObject({ pid: child.pid });
    const taken = locks().tryAcquire(KEY, mine);
    expect(taken.held).toBe(true);
    expect(locks().holder(KEY)).toMatchObject({ ...processes.self, ...mine });
    if (taken.held) taken.release();
    expect(readdirSync(layout.locks)).toEqual([]);
  });

  it("of a dead owner goes to the run that was quicker", async () => {
    await kill(await childAt("lock"));
    // Between our look at the dead owner and our rename, another run takes the lock.
    const quicker = { run: "quicker", node: "a" };
    let raced = false;
    const renameSync: StoreFs["renameSync"] = (from, to) => {
      if (!raced) {
        raced = true;
        expect(locks().tryAcquire(KEY, quicker).held).toBe(true);
      }
      nodeStoreFs.renameSync(from, to);
    };
    expect(locks({ ...nodeStoreFs, renameSync }).tryAcquire(KEY, mine)).toMatchObject({ held: false, holder: quicker });
    expect(raced).toBe(true);
    expect(readdirSync(layout.locks)).toEqual([`${KEY}.lock`]);
  });
});
