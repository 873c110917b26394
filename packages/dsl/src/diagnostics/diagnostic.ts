/** A stretch of source. Offsets are UTF-16, end exclusive. */
export interface Span {
  readonly file: string;
  readonly start: number;
  readonly end: number;
}

export type Severity = "error" | "warning" | "hint";

/** A replacement that mends the diagnostic when applied to its file. */
export interface Fix {
  readonly title: string;
  readonly edits: readonly { readonly span: Span; readonly text: string }[];
}

/** Plain data; rendering is the command line's (or an editor's) business. */
export interface Diagnostic {
  readonly code: string;
  readonly severity: Severity;
  readonly message: string;
  readonly span: Span;
  /** Short text under the primary span. */
  readonly label?: string;
  /** The other parties: where a name was bound, where a view was dropped. */
  readonly related?: readonly { readonly span: Span; readonly label: string }[];
  readonly notes?: readonly string[];
  readonly fixes?: readonly Fix[];
}
