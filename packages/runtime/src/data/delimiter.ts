/** What separates the fields of a line. */
export interface Delimiter {
  readonly bytes: Uint8Array;
  /** For messages: `tab`, `","`. */
  readonly name: string;
  /** A run of them counts once, and those at the ends of a line count nothing (columns aligned by spaces). */
  readonly collapse: boolean;
}

const delimiter = (text: string, name: string): Delimiter => ({
  bytes: Buffer.from(text, "utf8"),
  name,
  collapse: text === " ",
});

/** Tried in this order. The space comes last and alone: times and titles hold spaces that separate no columns. */
export const KNOWN_DELIMITERS: readonly Delimiter[] = [
  delimiter("\t", "tab"),
  delimiter(",", '","'),
  delimiter(";", '";"'),
  delimiter("|", '"|"'),
  delimiter("::", '"::"'),
  delimiter(" ", "space"),
];

const WORDS: Readonly<Record<string, string>> = { tab: "\t", "\\t": "\t", comma: ",", semicolon: ";", space: " " };

/** The delimiter that a pipeline names, by itself or as a word; null when it cannot be one. */
export function namedDelimiter(text: string): Delimiter | null {
  const spelt = WORDS[text] ?? text;
  if (spelt.length === 0 || /["\r\n]/.test(spelt)) return null;
  const bytes = Buffer.from(spelt, "utf8");
  return (
    KNOWN_DELIMITERS.find((known) => Buffer.compare(known.bytes, bytes) === 0) ??
    delimiter(spelt, JSON.stringify(spelt))
  );
}
