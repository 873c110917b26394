import type { Paint } from "@kdp/dsl";
import type { Colors } from "../io/host.js";

/** How places in a pipeline are coloured. */
export function paintOf(colors: Colors): Paint {
  const bySeverity = { error: colors.red, warning: colors.yellow, hint: colors.blue } as const;
  return {
    severity: (text, severity) => colors.bold(bySeverity[severity](text)),
    related: colors.cyan,
    strong: colors.bold,
    faint: colors.cyan,
  };
}
