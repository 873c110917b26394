import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { recall, remember } from "./remembered-file.js";
import { nodeStoreFs, type StoreFs } from "./store-fs.js";

const file = () => join(mkdtempSync(join(tmpdir(), "kdp-remembered-")), "below", "it.json");

describe("a remembered file", () => {
  it("gives back what was written, in a folder made for it", () => {
    const path = file();
    expect(remember(nodeStoreFs, path, { a: [1, null] })).toBe(true);
    expect(recall(nodeStoreFs, path)).toEqual({ a: [1, null] });
  });

  it.each(['{"a":', "null", "3", ""])("remembers nothing when it holds %j", (text) => {
    const path = join(mkdtempSync(join(tmpdir(), "kdp-remembered-")), "it.json");
    writeFileSync(path, text);
    expect(recall(nodeStoreFs, path)).toBeNull();
  });

  it("is never an error: neither missing nor on a full disk", () => {
    const full: StoreFs = {
      ...nodeStoreFs,
      openSync: () => {
        throw Object.assign(new Error("no space left"), { code: "ENOSPC" });
      },
    };
    const path = file();
    expect(remember(full, path, {})).toBe(false);
    expect(recall(nodeStoreFs, path)).toBeNull();
  });
});
