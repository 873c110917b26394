import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { DeviceProbe } from "@kdp/plugin-api/device";

/** How long a device may take to answer: a driver's first start compiles for seconds, one that hangs does so for ever. */
const PROBE_LIMIT_MS = 60_000;

/** Program of the child: always that of the build, also when a test runs the sources. */
const program = (): string => fileURLToPath(new URL("../../dist/devices/probe-main.js", import.meta.url));

/**
 * Asks a device in a process of its own whether it works. Never throws: a crash or a hang is an answer too.
 * @param entry URL of the device's module
 */
export function probeInProcess(entry: string, limitMs = PROBE_LIMIT_MS): Promise<DeviceProbe> {
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      [program(), entry],
      { timeout: limitMs, killSignal: "SIGKILL", maxBuffer: 1 << 24, windowsHide: true },
      (error, stdout, stderr) => resolve(answerOf(stdout) ?? silence(error, stderr, limitMs)),
    );
  });
}

/** What stands before the answer on its line, so that nothing that a library prints is taken for it. */
export const ANSWER = "kdp-device-probe: ";

function answerOf(stdout: string): DeviceProbe | null {
  const line = stdout.split("\n").findLast((text) => text.startsWith(ANSWER));
  if (line === undefined) return null;
  try {
    const answer = JSON.parse(line.slice(ANSWER.length)) as DeviceProbe;
    return typeof answer.usable === "boolean" ? answer : null;
  } catch {
    return null;
  }
}

function silence(error: Parameters<NonNullable<Parameters<typeof execFile>[3]>>[0], stderr: string, limitMs: number) {
  const said = stderr.trim().split("\n").at(-1)?.trim();
  const how = error?.killed
    ? `it did not answer within ${limitMs / 1000} s`
    : `trying it ended the process${error?.signal ? ` by ${error.signal}` : ""}`;
  return {
    usable: false,
    reason: said ? `${how}: ${said}` : how,
    mend: "update the driver of the graphics card, or take --device cpu",
  } as const;
}
