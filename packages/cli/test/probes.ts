import type { Page } from "playwright-core";

/**
 * What a test asks of a page. The code runs in the browser and is text here: this workspace is checked without a browser's
 * types, whose `WebAssembly` differs from that of the kernels.
 */
const ask = <T>(page: Page, code: string): Promise<T> => page.evaluate<T>(`(() => { ${code} })()`);

/** Pixels by which the page is wider than its window; 0 when it does not scroll sideways. */
export const overflow = (page: Page) =>
  ask<number>(page, "return document.documentElement.scrollWidth - window.innerWidth;");

export interface Picture {
  readonly title: string;
  /** Bounding box of what is drawn, in the picture's units. */
  readonly drawn: readonly [width: number, height: number];
  readonly seen: readonly [width: number, height: number];
  readonly paths: number;
  readonly longest: number;
  readonly dots: number;
  readonly bars: number;
}

/** Pictures that a reader sees at this width, with the size of what is drawn in them. */
export const pictures = (page: Page) =>
  ask<readonly Picture[]>(
    page,
    `return [...document.querySelectorAll("svg")]
      .filter((svg) => svg.getBoundingClientRect().width > 0)
      .map((svg) => {
        const box = svg.getBBox();
        const seen = svg.getBoundingClientRect();
        const paths = [...svg.querySelectorAll("path")].map((path) => path.getTotalLength());
        return {
          title: svg.querySelector("title")?.textContent ?? "",
          drawn: [box.width, box.height],
          seen: [seen.width, seen.height],
          paths: paths.length,
          longest: Math.max(0, ...paths),
          dots: svg.querySelectorAll("circle").length,
          bars: svg.querySelectorAll("rect").length,
        };
      });`,
  );

/** Contrast of each text against what it stands on, as WCAG defines it. */
export const contrasts = (page: Page, selector: string) =>
  ask<readonly number[]>(
    page,
    `const parse = (color) => (color.match(/[\\d.]+/g) ?? []).map(Number);
    const channel = (value) => (value / 255 <= 0.03928 ? value / 3294.6 : ((value / 255 + 0.055) / 1.055) ** 2.4);
    const luminance = ([r, g, b]) => 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b);
    const background = (start) => {
      for (let at = start; at; at = at.parentElement) {
        const color = parse(getComputedStyle(at).backgroundColor);
        if (color.length === 3 || color[3] > 0.99) return color;
      }
      return [255, 255, 255];
    };
    return [...document.querySelectorAll(${JSON.stringify(selector)})]
      .filter((element) => element.getClientRects().length > 0 && element.textContent.trim() !== "")
      .map((element) => {
        const style = getComputedStyle(element);
        const text = luminance(parse(element instanceof SVGElement ? style.fill : style.color));
        const page = luminance(background(element));
        return (Math.max(text, page) + 0.05) / (Math.min(text, page) + 0.05);
      });`,
  );

export const background = (page: Page) => ask<string>(page, "return getComputedStyle(document.body).backgroundColor;");

/** Heights of the texts of charts that are shown, in pixels of the screen. */
export const chartTextHeights = (page: Page) =>
  ask<readonly number[]>(
    page,
    `return [...document.querySelectorAll(".plot text")]
      .map((text) => text.getBoundingClientRect().height)
      .filter((height) => height > 0);`,
  );

/** Titles of charts with labels that cover each other. */
export const coveredLabels = (page: Page) =>
  ask<readonly string[]>(
    page,
    `return [...document.querySelectorAll("figure svg")].flatMap((chart) => {
      const boxes = [...chart.querySelectorAll('[aria-label="text"] text')]
        .map((text) => text.getBoundingClientRect())
        .filter((box) => box.width > 0);
      return boxes.flatMap((a, index) =>
        boxes
          .slice(index + 1)
          .filter((b) => a.left < b.right && b.left < a.right && a.top + 3 < b.bottom && b.top + 3 < a.bottom)
          .map(() => chart.querySelector("title")?.textContent ?? ""));
    });`,
  );

/** Tables without headed columns, pictures without title and description, links into nothing, ids used twice. */
export const flaws = (page: Page) =>
  ask<readonly string[]>(
    page,
    `const all = (selector) => [...document.querySelectorAll(selector)];
    const ids = all("[id]").map((element) => element.id);
    return [
      ...all("table").filter((table) => !table.querySelector("th[scope]")).map(() => "table without headings"),
      ...all('svg[role="img"]')
        .filter((svg) => {
          const named = (svg.getAttribute("aria-labelledby") ?? "").split(" ");
          return named.length < 2 || named.some((id) => !document.getElementById(id)?.textContent);
        })
        .map(() => "picture without title and description"),
      ...all("nav a").map((a) => a.getAttribute("href")).filter((href) => !document.querySelector(href)),
      ...ids.filter((id, index) => ids.indexOf(id) !== index),
    ];`,
  );
