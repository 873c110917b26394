import { mkdirSync, mkdtempSync, readdirSync, readFileSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { cachedDrawings } from "./drawing-cache.js";
import type { ChartSpec } from "./spec.js";

const spec = (id: string, y: number): ChartSpec => ({
  kind: "lines",
  id,
  title: "Loss <b>",
  description: "a & b",
  widths: [310],
  height: 200,
  xLabel: "epoch",
  yLabel: "loss",
  ends: "labels",
  lines: [
    {
      label: "base",
      color: "var(--s1)",
      strong: true,
      points: [
        [1, 1],
        [2, y],
      ],
    },
    {
      label: "rrd",
      color: "var(--s1)",
      strong: true,
      dash: "6 3",
      points: [
        [1, 1],
        [2, y],
      ],
    },
  ],
});
const folder = (): string => join(mkdtempSync(join(tmpdir(), "kdp-drawings-")), "drawings");

describe("drawings", () => {
  it("are real lines with a title that is escaped", async () => {
    const drawing = (await cachedDrawings([spec("a", 0.5)], null)).get("a@310") ?? "";
    expect(drawing).toContain('<title id="a-310-title">Loss &lt;b&gt;</title>');
    expect(drawing).toMatch(/<path d="M\d[\d.]*,[\d.]+L\d[\d.]*,[\d.]+"/);
    expect(drawing).toContain('stroke-dasharray="6 3"');
    expect(drawing).not.toContain("NaN");
  });

  it("are kept by what they show, and read back", async () => {
    const place = folder();
    const first = await cachedDrawings([spec("a", 0.5)], place);
    const [file] = readdirSync(place);
    expect(readdirSync(place)).toHaveLength(1);
    const marked = JSON.stringify({ "a@310": "<svg>kept</svg>" });
    writeFileSync(join(place, file ?? ""), marked);
    expect((await cachedDrawings([spec("a", 0.5)], place)).get("a@310")).toBe("<svg>kept</svg>");
    const other = await cachedDrawings([spec("a", 0.6)], place);
    expect(other.get("a@310")).not.toBe(first.get("a@310"));
    expect(readdirSync(place)).toHaveLength(2);
  });

  it.each([
    ["torn", '{"a@310": "<sv'],
    ["foreign", '{"b@310": "<svg/>"}'],
    ["wrong", "[1]"],
  ])("of a %s file are drawn anew", async (_why, text) => {
    const place = folder();
    const drawn = await cachedDrawings([spec("a", 0.5)], place);
    const [file] = readdirSync(place);
    writeFileSync(join(place, file ?? ""), text);
    expect(await cachedDrawings([spec("a", 0.5)], place)).toEqual(drawn);
    expect(readFileSync(join(place, file ?? ""), "utf8")).toContain("a@310");
  });

  it("do not pile up", async () => {
    const place = folder();
    mkdirSync(place);
    for (let index = 0; index < 50; index++) {
      writeFileSync(join(place, `old-${index}.json`), "{}");
      utimesSync(join(place, `old-${index}.json`), index, index);
    }
    await cachedDrawings([spec("a", 0.5)], place);
    const names = readdirSync(place);
    expect(names).toHaveLength(40);
    expect(names).toContain("old-49.json");
    expect(names).not.toContain("old-10.json");
  });

  it("need no folder that can be written", async () => {
    const file = join(mkdtempSync(join(tmpdir(), "kdp-drawings-")), "a-file");
    writeFileSync(file, "");
    const drawings = await cachedDrawings([spec("a", 0.5)], join(file, "drawings"));
    expect(drawings.size).toBe(1);
  });

  it("of nothing load nothing", async () => {
    expect((await cachedDrawings([], folder())).size).toBe(0);
  });
});
