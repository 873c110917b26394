import type { Origin, Span } from "@kdp/dsl";

/** Turns a span into `file:line`. */
export type Locate = (span: Span) => string;

/** Finds lines in the sources that were compiled; of a file that is not among them only the name is known. */
export function locateIn(sources: ReadonlyMap<string, string>): Locate {
  return (span) => {
    const text = sources.get(span.file);
    if (text === undefined) return span.file;
    let line = 1;
    for (let at = text.indexOf("\n"); at !== -1 && at < span.start; at = text.indexOf("\n", at + 1)) line += 1;
    return `${span.file}:${line}`;
  };
}

const PARAM_SOURCE = {
  default: "its default",
  file: "--params",
  set: "--set",
  cell: "matrix cell",
} as const;

/** Where a value came from, in words. */
export function originText(origin: Origin | null | undefined, locate: Locate): string {
  if (!origin) return "";
  switch (origin.kind) {
    case "default":
      return `default of ${origin.plugin}`;
    case "preset":
      return `set by ${origin.alias}`;
    case "source":
      return locate(origin.span);
    case "param":
      return `param ${origin.param}, ${PARAM_SOURCE[origin.value]}`;
  }
}
