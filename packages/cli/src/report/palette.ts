/**
 * Colours as CSS variables, for light and dark. Hues are far apart for colour-blind readers too (after Okabe and Ito),
 * lightness is tuned so that each can be read as text on the page in both schemes (4.5:1). Nothing is told by colour alone.
 */
const LIGHT: Readonly<Record<string, string>> = {
  page: "#fcfbf9",
  surface: "#ffffff",
  sunken: "#f4f2ee",
  ink: "#1b2026",
  muted: "#5d6670",
  rule: "#dedad2",
  grid: "#e9e6df",
  accent: "#1f5fa8",
  good: "#1c7a4a",
  "good-wash": "#e5f3ea",
  bad: "#b3261e",
  "bad-wash": "#fbe9e7",
  warn: "#8a5a00",
  "warn-wash": "#fbf1dc",
  teacher1: "#23405f",
  teacher2: "#4a6a8c",
  teacher3: "#5d758f",
  plain1: "#6f7379",
  plain2: "#7a7166",
  plain3: "#67746f",
  s1: "#be521a",
  s2: "#0c8175",
  s3: "#7a4fc4",
  s4: "#b5338a",
  s5: "#2874bf",
  s6: "#6b7911",
  s7: "#a4402f",
  s8: "#3f6f3a",
  hit: "#5b84b1",
  ran: "#2f8f5b",
  failed: "#c5372c",
  skipped: "#a39f97",
};

const DARK: Readonly<Record<string, string>> = {
  page: "#14171b",
  surface: "#1b1f24",
  sunken: "#20252b",
  ink: "#e8e6e1",
  muted: "#a0a8b1",
  rule: "#343a42",
  grid: "#2a3037",
  accent: "#7db4f0",
  good: "#63c892",
  "good-wash": "#17301f",
  bad: "#ff8a7e",
  "bad-wash": "#3a1c19",
  warn: "#e3b25a",
  "warn-wash": "#352a12",
  teacher1: "#a9c4e2",
  teacher2: "#86a6c9",
  teacher3: "#6788ac",
  plain1: "#9aa0a8",
  plain2: "#b3a796",
  plain3: "#94a69f",
  s1: "#f08a4b",
  s2: "#3fbfae",
  s3: "#b493f2",
  s4: "#ec79c4",
  s5: "#6bb1f5",
  s6: "#b8c44a",
  s7: "#e5826f",
  s8: "#86c07d",
  hit: "#7aa3d1",
  ran: "#56b883",
  failed: "#f0685c",
  skipped: "#6f747b",
};

const declare = (colors: Readonly<Record<string, string>>): string =>
  Object.entries(colors)
    .map(([name, value]) => `--${name}:${value}`)
    .join(";");

/** The variables on a selector, dark by the reader's preference, light on paper. */
export function paletteCss(selector: string): string {
  return (
    `${selector}{${declare(LIGHT)}}` +
    `@media (prefers-color-scheme: dark){${selector}{${declare(DARK)}}}` +
    `@media print{${selector}{${declare(LIGHT)}}}`
  );
}
