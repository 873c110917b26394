import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { inspectSource } from "./inspect-source.js";

const written = (text: string): string => {
  const path = join(mkdtempSync(join(tmpdir(), "kdp-inspect-")), "data.txt");
  writeFileSync(path, text);
  return path;
};

it("tells how a file was read, as arguments of dataset(...)", async () => {
  const path = written("userId;movieId;rating;ts\na;x;4.5;100\na;y;1;101\nb;x;3;102\na;x;5;103\n");
  const found = await inspectSource(path);
  expect(found.detected).toEqual({
    columns: { user: "userId", item: "movieId", rating: "rating", timestamp: "ts" },
    header: true,
    delimiter: ";",
  });
  expect(found).toMatchObject({ users: 2, items: 2, interactions: 3, duplicates: 1, rating: { min: 1, max: 5 } });
  expect([...found.userCounts]).toEqual([1, 2]);
});

it("names columns by index where there is no header", async () => {
  const found = await inspectSource(written("7\t9\n7\t8\n6\t9\n"));
  expect(found.detected).toEqual({
    columns: { user: 0, item: 1, rating: null, timestamp: null },
    header: false,
    delimiter: "\t",
  });
  expect(found.rating).toBeNull();
});

it("takes the user's word over its own", async () => {
  const path = written("who,what,user\n1,2,3\n4,5,6\n");
  const found = await inspectSource(path, { columns: { user: "who", item: "what" } });
  expect(found.detected.columns).toMatchObject({ user: "who", item: "what" });
});
