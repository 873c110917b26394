/**
 * Turns SIGINT and SIGTERM into an abort signal for `run`, whose reason is the signal's name. The first one stops the run in
 * order (checkpoints, manifest); a second one ends the process at once.
 * @returns the signal, and what takes the handlers away again
 */
export function interruptsOf(process: NodeJS.Process): { readonly signal: AbortSignal; release(): void } {
  const controller = new AbortController();
  const on = (name: "SIGINT" | "SIGTERM") => {
    if (controller.signal.aborted) process.exit(name === "SIGTERM" ? 143 : 130);
    controller.abort(name);
  };
  process.on("SIGINT", on);
  process.on("SIGTERM", on);
  return {
    signal: controller.signal,
    release: () => {
      process.off("SIGINT", on);
      process.off("SIGTERM", on);
    },
  };
}
