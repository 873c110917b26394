/** A source line as a terminal shows it, and where its UTF-16 columns came to stand. */
export interface DisplayLine {
  readonly text: string;
  /** Cells before the character at a 0-based UTF-16 offset of the line; beyond the end it goes on counting. */
  cellOf(offset: number): number;
}

/** Expands tabs, measures wide characters and makes control characters visible (they must not reach a terminal). */
export function displayLine(line: string, tabWidth: number): DisplayLine {
  if (PLAIN.test(line)) return { text: line, cellOf: (offset) => offset };
  const cells: number[] = [];
  let text = "";
  let width = 0;
  for (const character of line) {
    const shown = character === "\t" ? " ".repeat(tabWidth - (width % tabWidth)) : visible(character);
    for (let unit = 0; unit < character.length; unit++) cells.push(width);
    text += shown;
    width += character === "\t" ? shown.length : cellsOf(shown);
  }
  return { text, cellOf: (offset) => cells[offset] ?? width + Math.max(0, offset - cells.length) };
}

/** Nearly every line: each character is one cell and shown as it is. */
const PLAIN = /^[ -~]*$/;

/** Text of which nothing can move the cursor or change colours. */
export function harmless(text: string): string {
  return Array.from(text, (character) => (character === "\n" ? " " : visible(character))).join("");
}

function visible(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  if (code < 0x20) return String.fromCodePoint(0x2400 + code);
  if (code === 0x7f) return "\u2421";
  if (code < 0xa0 && code >= 0x80) return "\ufffd";
  // Marks that turn the direction of writing can make code look like other code.
  if ((code >= 0x202a && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069)) return "\ufffd";
  return character;
}

const WIDE: readonly (readonly [number, number])[] = [
  [0x1100, 0x115f],
  [0x2e80, 0xa4cf],
  [0xac00, 0xd7a3],
  [0xf900, 0xfaff],
  [0xfe30, 0xfe6f],
  [0xff00, 0xff60],
  [0xffe0, 0xffe6],
  [0x1f300, 0x1faff],
  [0x20000, 0x3fffd],
];

/** How many cells of a terminal a character takes. */
function cellsOf(character: string): number {
  if (/^[\p{Mn}\p{Me}\p{Cf}]/u.test(character)) return 0;
  const code = character.codePointAt(0) ?? 0;
  return WIDE.some(([from, to]) => code >= from && code <= to) ? 2 : 1;
}

/** Cuts a shown line to `width` cells around `from`–`to`; the cuts are marked with `…`. */
export function cutLine(
  text: string,
  from: number,
  to: number,
  width: number,
): { readonly text: string; readonly shift: number } {
  const characters = Array.from(text);
  if (characters.length <= width) return { text, shift: 0 };
  const middle = Math.min(from + Math.floor(Math.min(to - from, width) / 2), characters.length);
  const start = Math.max(0, Math.min(middle - Math.floor(width / 2), characters.length - width));
  const end = start + width;
  const head = start > 0 ? "…" : "";
  const tail = end < characters.length ? "…" : "";
  const cut = characters.slice(start + head.length, end - tail.length).join("");
  return { text: head + cut + tail, shift: start };
}
