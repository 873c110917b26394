import type { Diagnostic, Fix, Span } from "./diagnostic.js";
import { type Code, MESSAGES, type MessageEntry, type ParamsOf, type VariantOf } from "./messages.js";

export interface ReportOptions<V extends string> {
  /** Which wording of the code; `default` when absent. */
  readonly variant?: V;
  readonly label?: string | undefined;
  readonly related?: Diagnostic["related"] | undefined;
  readonly notes?: readonly string[] | undefined;
  readonly fixes?: readonly Fix[] | undefined;
}

/**
 * Makes a diagnostic from the message table. An unknown code, an unknown variant or a missing parameter does not compile.
 *
 * @example
 * report("KDP2201", { callee: "bprmf", name: "dims", suggestion: "dim" }, span, { variant: "suggestion", fixes })
 */
export function report<C extends Code, V extends VariantOf<C> = "default" & VariantOf<C>>(
  code: C,
  params: ParamsOf<C, V>,
  span: Span,
  options: ReportOptions<V> = {},
): Diagnostic {
  const entry: MessageEntry = MESSAGES[code];
  const chosen = entry.texts[options.variant ?? "default"] ?? entry.texts.default;
  const { severity, text } = typeof chosen === "string" ? { severity: entry.severity, text: chosen } : chosen;
  const { label, related, notes, fixes } = options;
  return {
    code,
    severity,
    message: fill(text, params),
    span,
    ...(label === undefined ? {} : { label }),
    ...(related?.length ? { related } : {}),
    ...(notes?.length ? { notes } : {}),
    ...(fixes?.length ? { fixes } : {}),
  };
}

function fill(text: string, params: Readonly<Record<string, string | number>>): string {
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => String(params[name] ?? whole));
}

/** A fix of a single replacement. */
export function fix(title: string, span: Span, text: string): Fix {
  return { title, edits: [{ span, text }] };
}
