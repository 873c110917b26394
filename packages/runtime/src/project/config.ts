import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type Code, MESSAGES, type MessageVariant } from "@kdp/dsl";
import { RuntimeFault } from "../faults.js";
import { systemCode } from "../store/fs-faults.js";

export type SeverityChoice = "error" | "warning" | "hint" | "off";

/** `kdp.config.json` at the project root. */
export interface ProjectConfig {
  /** Severity of diagnostics by code. An error of the language stays an error. */
  readonly severity: Readonly<Record<string, SeverityChoice>>;
  /** Nodes that run at once, unless `--jobs` says otherwise; null: as many as there are cores. */
  readonly jobs: number | null;
}

const SEVERITIES: readonly string[] = ["error", "warning", "hint", "off"];

/** @throws RuntimeFault KDP5509 (user) when the file is there but is not what it should be. */
export function readConfig(root: string): ProjectConfig {
  const path = join(root, "kdp.config.json");
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    if (systemCode(error) === "ENOENT") return { severity: {}, jobs: null };
    throw wrong(path, error instanceof Error ? error.message : String(error));
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw wrong(path, `it is not JSON (${error instanceof Error ? error.message : error})`);
  }
  return configOf(value, (why) => {
    throw wrong(path, why);
  });
}

function configOf(value: unknown, refuse: (why: string) => never): ProjectConfig {
  if (!isRecord(value)) return refuse("it must hold one object");
  const { severity = {}, jobs = null, ...rest } = value;
  const unknown = Object.keys(rest)[0];
  if (unknown !== undefined) return refuse(`"${unknown}" is not a setting; known are "severity" and "jobs"`);
  if (!isRecord(severity)) return refuse(`"severity" must be an object of codes`);
  for (const [code, choice] of Object.entries(severity)) {
    if (!/^KDP\d{4}$/.test(code)) return refuse(`"severity.${code}" is not a code such as KDP3305`);
    if (!SEVERITIES.includes(String(choice))) {
      return refuse(`"severity.${code}" must be one of ${SEVERITIES.join(", ")}`);
    }
    const told = severitiesOf(code);
    if (told.length === 0) return refuse(`"severity.${code}" is not a code of the language (KDP0 to KDP6)`);
    if (choice !== "error" && told.every((severity) => severity === "error")) {
      return refuse(`"severity.${code}" is an error of the language, and stays one`);
    }
  }
  if (jobs !== null && !(Number.isInteger(jobs) && Number(jobs) >= 1)) return refuse(`"jobs" must be 1 or more`);
  return { severity: severity as ProjectConfig["severity"], jobs: jobs as number | null };
}

/** With which severities the compiler reports a code; none for a code that it does not know. */
function severitiesOf(code: string): readonly string[] {
  const entry = Object.hasOwn(MESSAGES, code) ? MESSAGES[code as Code] : null;
  if (!entry) return [];
  const texts: readonly MessageVariant[] = Object.values(entry.texts);
  return texts.map((text) => (typeof text === "string" ? entry.severity : text.severity));
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

function wrong(path: string, why: string): RuntimeFault {
  return new RuntimeFault({
    code: "KDP5509",
    kind: "user",
    message: `the project's configuration cannot be read: ${why}`,
    place: path,
    fix: `write for example { "severity": { "KDP3305": "off" } }, or remove the file`,
  });
}
