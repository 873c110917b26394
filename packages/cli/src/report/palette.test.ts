import { describe, expect, it } from "vitest";
import { paletteCss } from "./palette.js";

type Colors = ReadonlyMap<string, readonly number[]>;

function schemes(): readonly Colors[] {
  return [...paletteCss(":root").matchAll(/:root\{([^}]*)\}/g)].map(
    ([, body = ""]) =>
      new Map(
        body.split(";").map((declaration) => {
          const [name = "", value = ""] = declaration.split(":");
          return [name.slice(2), [1, 3, 5].map((at) => Number.parseInt(value.slice(at, at + 2), 16))] as const;
        }),
      ),
  );
}

/** Relative luminance of WCAG 2. */
function luminance(color: readonly number[] | undefined): number {
  const [r = 0, g = 0, b = 0] = (color ?? []).map((value) => {
    const share = value / 255;
    return share <= 0.03928 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(colors: Colors, text: string, page: string): number {
  const [a, b] = [luminance(colors.get(text)), luminance(colors.get(page))];
  return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
}

describe.each([
  ["light", 0],
  ["dark", 1],
  ["print", 2],
] as const)("the %s palette", (_name, index) => {
  const colors = schemes()[index] as Colors;
  const series = [...colors.keys()].filter((name) => /^(teacher|plain|s)\d$/.test(name));

  it("can be read as text", () => {
    expect(series).toHaveLength(14);
    const low = ["ink", "muted", "accent", "good", "bad", "warn", ...series]
      .map((name) => [name, contrast(colors, name, "page")] as const)
      .filter(([, ratio]) => ratio < 4.5);
    expect(low).toEqual([]);
  });

  it("can be read on the washes", () => {
    for (const tone of ["good", "bad", "warn"]) {
      expect(contrast(colors, "ink", `${tone}-wash`)).toBeGreaterThan(7);
      expect(contrast(colors, tone, `${tone}-wash`)).toBeGreaterThan(4.5);
      expect(contrast(colors, "muted", `${tone}-wash`)).toBeGreaterThan(4.5);
    }
  });

  it("shows status and lines against page and surface", () => {
    for (const name of ["hit", "ran", "failed"]) {
      expect(contrast(colors, name, "surface"), name).toBeGreaterThan(3);
    }
  });
});
