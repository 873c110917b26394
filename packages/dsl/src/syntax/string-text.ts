/** What stands behind a backslash, and what it means. */
const ESCAPES: Readonly<Record<string, string>> = { '"': '"', "\\": "\\", n: "\n", t: "\t", r: "\r" };

export interface BadEscape {
  /** Offset of the backslash in the token's text. */
  readonly offset: number;
  readonly text: string;
}

const ESCAPE = /\\(u[0-9A-Fa-f]{4}|[^\r\n]|$)/gu;

/** The value of a string token as written, quotes included. An escape that is none stands for itself. */
export function stringValue(image: string): string {
  const opener = image.charAt(0);
  const closer =
    opener === "\u201c" || opener === "\u201e" ? '\u201c\u201d"' : opener === "\u201d" ? '\u201d\u201c"' : opener;
  const closed = image.length > 1 && closer.includes(image.charAt(image.length - 1)) && !endsInsideEscape(image);
  return image.slice(1, closed ? -1 : undefined).replace(ESCAPE, (whole, sequence: string) => {
    if (sequence.length === 5) return String.fromCharCode(Number.parseInt(sequence.slice(1), 16));
    return ESCAPES[sequence] ?? whole;
  });
}

/** Escapes of the token that the language does not know. */
export function badEscapes(image: string): readonly BadEscape[] {
  if (!image.includes("\\")) return [];
  const found: BadEscape[] = [];
  for (const match of image.matchAll(ESCAPE)) {
    const sequence = match[1] ?? "";
    if (sequence.length !== 5 && ESCAPES[sequence] === undefined) found.push({ offset: match.index, text: match[0] });
  }
  return found;
}

/** A string literal for the value. */
export function quoteString(value: string): string {
  const names: Readonly<Record<string, string>> = { "\n": "\\n", "\t": "\\t", "\r": "\\r" };
  return `"${value.replace(/["\\]/g, "\\$&").replace(/[\n\t\r]/g, (character) => names[character] ?? character)}"`;
}

function endsInsideEscape(image: string): boolean {
  const backslashes = /\\*(?=.$)/u.exec(image.slice(1))?.[0].length ?? 0;
  return backslashes % 2 === 1;
}
