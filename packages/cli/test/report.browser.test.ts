import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { RunManifest } from "@kdp/runtime";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { reportHtml } from "../src/report/report.js";
import { fileOnly } from "../src/text/origin.js";
import { browserPath, browserRequired, launch } from "./browser.js";
import { failedManifest, hostileManifest, sampleManifest } from "./fixtures/manifest.js";

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

async function open(
  manifest: RunManifest,
  view: { readonly width: number; readonly colorScheme: "light" | "dark" },
): Promise<Opened> {
  const file = join(folder, `${view.width}-${view.colorScheme}.html`);
  writeFileSync(file, await reportHtml(manifest, { locate: fileOnly, drawingCache: null }));
  const page = await browser.newPage({
    viewport: { width: view.width, height: 900 },
    colorScheme: view.colorScheme,
  });
  const complaints: string[] = [];
  const requests: string[] = [];
  page.on("console", (message) => complaints.push(message.text()));
  page.on("pageerror", (error) => complaints.push(error.message));
  page.on("dialog", (dialog) => complaints.push(`dialog: ${dialog.message()}`));
  page.on("request", (request) => requests.push(request.url()));
  await page.goto(pathToFileURL(file).href);
  return { page, complaints, requests };
}

/** Pictures that a reader sees at this width, with the size of what is drawn in them. */
const pictures = (page: Page) =>
  page.$$eval("svg", (all) =>
    all
      .filter((svg) => svg.getBoundingClientRect().width > 0)
      .map((svg) => {
        const box = svg.getBBox();
        const seen = svg.getBoundingClientRect();
        const paths = [...svg.querySelectorAll("path")].map((path) => (path as SVGPathElement).getTotalLength());
        return {
          title: svg.querySelector("title")?.textContent ?? "",
          drawn: [box.width, box.height] as const,
          seen: [seen.width, seen.height] as const,
          paths: paths.length,
          longest: Math.max(0, ...paths),
          dots: svg.querySelectorAll("circle").length,
        };
      }),
  );

/** Luminance contrast of the text against the page, as WCAG defines it. */
const contrasts = (page: Page, selector: string) =>
  page.$$eval(selector, (elements) => {
    const parse = (color: string) => (color.match(/[\d.]+/g) ?? []).map(Number);
    const luminance = ([r = 0, g = 0, b = 0]: number[]) => {
      const [x, y, z] = [r, g, b].map((v) => (v / 255 <= 0.03928 ? v / 3294.6 : ((v / 255 + 0.055) / 1.055) ** 2.4));
      return 0.2126 * (x ?? 0) + 0.7152 * (y ?? 0) + 0.0722 * (z ?? 0);
    };
    const background = (start: Element): number[] => {
      for (let at: Element | null = start; at; at = at.parentElement) {
        const color = parse(getComputedStyle(at).backgroundColor);
        if (color.length === 3 || (color[3] ?? 0) > 0.99) return color;
      }
      return [255, 255, 255];
    };
    return elements
      .filter((element) => element.getClientRects().length > 0 && element.textContent?.trim() !== "")
      .map((element) => {
        const style = getComputedStyle(element);
        const text = luminance(parse(element instanceof SVGElement ? style.fill : style.color));
        const page = luminance(background(element));
        return (Math.max(text, page) + 0.05) / (Math.min(text, page) + 0.05);
      });
  });

describe.skipIf(skip)("the report in a browser", () => {
  const views = [360, 768, 1280].flatMap((width) => [
    { width, colorScheme: "light" as const },
    { width, colorScheme: "dark" as const },
  ]);

  it.each(views)("is complete and quiet at $width px, $colorScheme", async (view) => {
    const { page, complaints, requests } = await open(sampleManifest(), view);
    expect(complaints).toEqual([]);
    expect(requests).toHaveLength(1);
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
    expect(overflow).toBeLessThanOrEqual(0);

    const drawn = await pictures(page);
    const titles = drawn.map((picture) => picture.title);
    expect(titles).toContain("Pipeline quickstart");
    expect(titles).toContain("recall@50 of every model and seed");
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
    }
    await page.close();
  });

  it.each(["light", "dark"] as const)("can be read in the %s scheme", async (colorScheme) => {
    const { page } = await open(failedManifest(), { width: 1280, colorScheme });
    const background = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    const [red = 0] = (background.match(/\d+/g) ?? []).map(Number);
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
    const heights = await page.$$eval(".plot text", (texts) =>
      texts.map((text) => text.getBoundingClientRect().height).filter((height) => height > 0),
    );
    expect(Math.min(...heights)).toBeGreaterThan(9);
    await page.close();
  });

  it("labels at the ends of lines do not cover each other", async () => {
    const { page } = await open(sampleManifest(), { width: 1280, colorScheme: "light" });
    const overlaps = await page.$$eval("figure svg", (charts) =>
      charts.flatMap((chart) => {
        const boxes = [...chart.querySelectorAll('[aria-label="text"] text')]
          .map((text) => text.getBoundingClientRect())
          .filter((box) => box.width > 0);
        return boxes.flatMap((a, index) =>
          boxes
            .slice(index + 1)
            .filter((b) => a.left < b.right && b.left < a.right && a.top + 2 < b.bottom && b.top + 2 < a.bottom)
            .map(() => chart.querySelector("title")?.textContent ?? ""),
        );
      }),
    );
    expect(overlaps).toEqual([]);
    await page.close();
  });

  it("has one first heading, no skipped levels, headed tables and named pictures", async () => {
    const { page } = await open(sampleManifest(), { width: 1280, colorScheme: "light" });
    const levels = await page.$$eval("h1, h2, h3, h4", (all) => all.map((heading) => Number(heading.tagName[1])));
    expect(levels.filter((level) => level === 1)).toHaveLength(1);
    expect(levels.every((level, index) => index === 0 || level <= (levels[index - 1] ?? 0) + 1)).toBe(true);
    expect(
      await page.$$eval("table", (all) => all.filter((table) => table.querySelector("th[scope]") === null).length),
    ).toBe(0);
    const unnamed = await page.$$eval(
      'svg[role="img"]',
      (all) =>
        all.filter((svg) => {
          const ids = (svg.getAttribute("aria-labelledby") ?? "").split(" ");
          return ids.length < 2 || ids.some((id) => !document.getElementById(id)?.textContent);
        }).length,
    );
    expect(unnamed).toBe(0);
    const ids = await page.$$eval("[id]", (all) => all.map((element) => element.id));
    expect(new Set(ids).size).toBe(ids.length);
    expect(await page.getAttribute("html", "lang")).toBe("en");
    await page.close();
  });

  it("links of the page lead somewhere", async () => {
    const { page } = await open(sampleManifest(), { width: 1280, colorScheme: "light" });
    const dead = await page.$$eval("nav a", (all) =>
      all.map((a) => a.getAttribute("href") ?? "").filter((href) => document.querySelector(href) === null),
    );
    expect(dead).toEqual([]);
    await page.close();
  });

  it("runs nothing that names and messages carry", async () => {
    const { page, complaints, requests } = await open(hostileManifest(), { width: 1280, colorScheme: "light" });
    expect(complaints).toEqual([]);
    expect(requests).toHaveLength(1);
    expect(await page.$$eval("script, iframe, img, object", (all) => all.length)).toBe(0);
    expect(await page.textContent("h1")).toContain("<script>");
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
    expect(overflow).toBeLessThanOrEqual(0);
    await page.close();
  });

  it("prints on white paper, with everything that is folded away", async () => {
    const { page } = await open(sampleManifest(), { width: 1280, colorScheme: "dark" });
    await page.emulateMedia({ media: "print" });
    const background = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    expect(background).toBe("rgb(252, 251, 249)");
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
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
    expect(overflow).toBeLessThanOrEqual(0);
    await page.close();
  });
});
