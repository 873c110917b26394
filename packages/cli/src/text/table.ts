/** A cell of a table on the screen: its text and how it is coloured, which must not count for the width. */
export interface ScreenCell {
  readonly text: string;
  readonly paint?: (text: string) => string;
}

export interface ScreenColumn {
  readonly title: string;
  readonly align?: "left" | "right";
}

export const cell = (text: string, paint?: (text: string) => string): ScreenCell =>
  paint === undefined ? { text } : { text, paint };

/** Lines of a table with aligned columns, two spaces apart; no borders, so that it can be copied. */
export function screenTable(
  columns: readonly ScreenColumn[],
  rows: readonly (readonly ScreenCell[])[],
  paintTitle: (text: string) => string = (text) => text,
): readonly string[] {
  const widths = columns.map((column, index) =>
    Math.max(textWidth(column.title), ...rows.map((row) => textWidth(row[index]?.text ?? ""))),
  );
  const line = (cells: readonly ScreenCell[]): string =>
    columns
      .map((column, index) => {
        const { text, paint } = cells[index] ?? { text: "" };
        const gap = " ".repeat((widths[index] ?? 0) - textWidth(text));
        const painted = paint ? paint(text) : text;
        return column.align === "right" ? gap + painted : painted + gap;
      })
      .join("  ")
      .trimEnd();
  const titles = columns.some((column) => column.title !== "")
    ? [line(columns.map((column) => cell(column.title, paintTitle)))]
    : [];
  return [...titles, ...rows.map(line)];
}

/** Columns that a text takes on a terminal: wide East Asian characters take two, combining marks none. */
export function textWidth(text: string): number {
  let width = 0;
  for (const character of text) {
    if (/\p{Mark}|\p{Cf}/u.test(character)) continue;
    width +=
      /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\u{1f300}-\u{1faff}]/u.test(
        character,
      )
        ? 2
        : 1;
  }
  return width;
}
