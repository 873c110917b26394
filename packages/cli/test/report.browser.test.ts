import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { RunManifest } from "@kdp/runtime";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { reportHtml } from "../src/report/report.js";
import { locateIn } from "../src/text/origin.js";
import { browserPath, browserRequired, launch } from "./browser.js";
import { interactionsTsv, smallPipeline } from "./fixtures/interactions.js";
import { sampleManifest } from "./fixtures/manifest.js";
import { failedManifest, hostileManifest } from "./fixtures/odd-manifests.js";
import { withSnapshots } from "./fixtures/snapshots.js";
import { project } from "./kdp.js";
import { background, chartTextHeights, contrasts, coveredLabels, flaws, overflow, pictures } from "./probes.js";

const skip = browserPath === null && !browserRequired;
if (skip) process.stderr.write("report in a browser: skipped, no chromium found (apt-get install chromium)\n");

const folder = mkdtempSync(join(tmpdir(), "kdp-report-"));
let browser: Browser;

beforeAll(async () => {
  if (!skip) browser = await launch();
});
afterAll(async () => {
  await browser?.close();
  rmSync(folder, { recursive: true });
});

interface Opened {
  readonly page: Page;
  /** What the browser complained about. */
  readonly complaints: readonly string[];
  /** Addresses that the page asked for beside itself. */
  readonly requests: readonly string[];
}

interface View {
  readonly width: number;
  readonly colorScheme: "light" | "dark";
}

async function open(manifest: RunManifest, view: View): Promise<Opened> {
  const file = join(folder, `${view.width}-${view.colorScheme}.html`);
  writeFileSync(file, await reportHtml(manifest, { locate: locateIn(new Map()), drawingCache: null }));
  return openFile(file, view);
}

async function openFile(file: string, { width, colorScheme }: View): Promise<Opened> {
  const page = await browser.newPage({ viewport: { width, height: 900 }, colorScheme });
  const complaints: string[] = [];
  const requests: string[] = [];
  page.on("console", (message) => complaints.push(message.text()));
  page.on("pageerror", (error) => complaints.push(error.message));
  page.on("dialog", (dialog) => complaints.push(`dialog: ${dialog.message()}`));
  page.on("request", (request) => requests.push(request.url()));
  await page.goto(pathToFileURL(file).href);
  return { page, complaints, requests };
}

const VIEWS = [360, 768, 1280].flatMap((width): readonly View[] => [
  { width, colorScheme: "light" },
  { width, colorScheme: "dark" },
]);

describe.skipIf(skip)("the report in a browser", () => {
  it.each(VIEWS)("is complete and quiet at $width px, $colorScheme", async (view) => {
    const { page, complaints, requests } = await open(sampleManifest(), view);
    expect(complaints).toEqual([]);
    expect(requests).toHaveLength(1);
    expect(await overflow(page)).toBeLessThanOrEqual(0);

    const drawn = await pictures(page);
    const titles = drawn.map((picture) => picture.title);
    expect(titles).toContain("Pipeline quickstart");
    expect(titles).toContain("recall@50 of every model and seed");
    expect(titles).toContain("Gain of recall@50 in every cluster of users");
    expect(titles).toContain("recall@50 against parameters");
    expect(titles).toContain("recall@50 on the validation events");
    expect(titles.filter((title) => title.startsWith("Loss of "))).toHaveLength(5);
    expect(new Set(titles).size).toBe(titles.length);
    for (const picture of drawn) {
      const [width, height] = picture.drawn;
      expect(width, picture.title).toBeGreaterThan(150);
      expect(height, picture.title).toBeGreaterThan(80);
      expect(picture.seen[0], picture.title).toBeGreaterThan(150);
      if (picture.title.startsWith("Loss of")) expect(picture.longest, picture.title).toBeGreaterThan(100);
      if (picture.title.includes("validation")) expect(picture.paths, picture.title).toBeGreaterThan(13);
      if (picture.title.includes("every model")) expect(picture.dots).toBe(13);
      // Eleven clusters for each of three students.
      if (picture.title.includes("cluster of users")) expect(picture.bars).toBeGreaterThanOrEqual(33);
    }
    await page.close();
  });

  it.each(["light", "dark"] as const)("can be read in the %s scheme", async (colorScheme) => {
    const { page } = await open(failedManifest(), { width: 1280, colorScheme });
    const [red = 0] = ((await background(page)).match(/\d+/g) ?? []).map(Number);
    expect(red > 128).toBe(colorScheme === "light");
    const ratios = await contrasts(
      page,
      "p, td, th, dt, dd, h1, h2, h3, li, figcaption, a, .kdp-graph .name, .plot text",
    );
    expect(ratios.length).toBeGreaterThan(100);
    expect(Math.min(...ratios)).toBeGreaterThan(4.4);
    await page.close();
  });

  it("text in charts keeps its size on a phone", async () => {
    const { page } = await open(sampleManifest(), { width: 360, colorScheme: "light" });
    const heights = await chartTextHeights(page);
    expect(Math.min(...heights)).toBeGreaterThan(9);
    await page.close();
  });

  it("labels at the ends of lines do not cover each other", async () => {
    const { page } = await open(sampleManifest(), { width: 1280, colorScheme: "light" });
    expect(await coveredLabels(page)).toEqual([]);
    await page.close();
  });

  it.each([
    { width: 360, colorScheme: "light" },
    { width: 1280, colorScheme: "dark" },
  ] as const)("shows snapshots by epoch at $width px, $colorScheme", async (view) => {
    const { page, complaints } = await open(withSnapshots(sampleManifest()), view);
    expect(complaints).toEqual([]);
    const charts = (await pictures(page)).filter(({ title }) => title.endsWith("on test, by epoch"));
    expect(charts.map(({ dots }) => dots)).toEqual([5, 5, 5, 5]);
    for (const { longest, seen } of charts) expect(longest).toBeGreaterThan(seen[0] / 2);
    await page.$eval("#snapshots details", (details) => details.setAttribute("open", ""));
    expect(await coveredLabels(page)).toEqual([]);
    expect(await flaws(page)).toEqual([]);
    expect(await overflow(page)).toBeLessThanOrEqual(0);
    expect(Math.min(...(await contrasts(page, "#snapshots :is(p, td, th, .plot text)")))).toBeGreaterThan(4.4);
    await page.close();
  });

  it("has one first heading, no skipped levels, headed tables, named pictures and live links", async () => {
    const { page } = await open(sampleManifest(), { width: 1280, colorScheme: "light" });
    const levels = await page.$$eval("h1, h2, h3, h4", (all) => all.map((heading) => Number(heading.tagName[1])));
    expect(levels.filter((level) => level === 1)).toHaveLength(1);
    expect(levels.every((level, index) => index === 0 || level <= (levels[index - 1] ?? 0) + 1)).toBe(true);
    expect(await flaws(page)).toEqual([]);
    expect(await page.getAttribute("html", "lang")).toBe("en");
    await page.close();
  });

  it("runs nothing that names and messages carry", async () => {
    const { page, complaints, requests } = await open(hostileManifest(), { width: 1280, colorScheme: "light" });
    expect(complaints).toEqual([]);
    expect(requests).toHaveLength(1);
    expect(await page.$$eval("script, iframe, img, object", (all) => all.length)).toBe(0);
    expect(await page.textContent("h1")).toContain("<script>");
    expect(await overflow(page)).toBeLessThanOrEqual(0);
    await page.close();
  });

  it("prints on white paper, with everything that is folded away", async () => {
    const { page } = await open(sampleManifest(), { width: 1280, colorScheme: "dark" });
    await page.emulateMedia({ media: "print" });
    expect(await background(page)).toBe("rgb(252, 251, 249)");
    const pdf = await page.pdf({ format: "A4" });
    expect(pdf.subarray(0, 5).toString()).toBe("%PDF-");
    await page.close();
  });

  it("shows what failed before anything else", async () => {
    const { page, complaints } = await open(failedManifest(), { width: 360, colorScheme: "light" });
    expect(complaints).toEqual([]);
    expect(await page.textContent("main h2")).toBe("Failures");
    expect(await page.textContent("main article")).toContain("lower learning_rate");
    expect(await page.$$eval("main article", (all) => all.length)).toBe(1);
    expect(await overflow(page)).toBeLessThanOrEqual(0);
    await page.close();
  });
});

describe.skipIf(skip)("the report of a real run", () => {
  const there = project({ "data.tsv": interactionsTsv(), "small.kdp": smallPipeline() });
  beforeAll(async () => {
    for (const out of ["first", "second"]) {
      const { code, stderr } = await there.kdp(["run", "small.kdp", "--out", out]);
      expect(code, stderr).toBe(0);
    }
  }, 120_000);
  afterAll(there.dispose);

  it.each(VIEWS)("shows what was measured at $width px, $colorScheme", async (view) => {
    const { page, complaints, requests } = await openFile(there.path("first/report.html"), view);
    expect(complaints).toEqual([]);
    expect(requests).toHaveLength(1);
    expect(await overflow(page)).toBeLessThanOrEqual(0);
    expect(await flaws(page)).toEqual([]);
    expect(await coveredLabels(page)).toEqual([]);
    const manifest: RunManifest = JSON.parse(readFileSync(there.path("first/manifest.json"), "utf8"));
    const teacher = manifest.metrics.find(({ node, metric }) => node === "scores.teacher" && metric === "ndcg");
    expect(await page.textContent("table.scores tbody tr:first-child td")).toBe(teacher?.value.toFixed(4));
    const titles = (await pictures(page)).map(({ title }) => title);
    for (const title of [
      "Pipeline small",
      "ndcg@10 of every model and seed",
      "ndcg@10 against parameters",
      "Loss of kd by epoch",
    ]) {
      expect(titles).toContain(title);
    }
    const [seeds] = (await pictures(page)).filter(({ title }) => title.includes("every model"));
    expect(seeds?.dots).toBe(5);
    await page.close();
  });

  it("shows a cached run as such", async () => {
    const { page } = await openFile(there.path("second/report.html"), { width: 1280, colorScheme: "light" });
    const cells = await page.$$eval(".kdp-graph .cell", (all) => all.map((cell) => cell.getAttribute("class")));
    expect(new Set(cells)).toEqual(new Set(["cell hit"]));
    expect(cells).toHaveLength(13);
    await page.close();
  });
});
