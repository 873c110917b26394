import { createColors } from "picocolors";

export type Colors = ReturnType<typeof createColors>;

/** A place to write text to, with what is known about who reads it. */
export interface Output {
  write(text: string): void;
  /** True on a terminal that can move its cursor. */
  readonly live: boolean;
  readonly colors: Colors;
  readonly columns: number;
}

/** Everything of the process that commands touch, so that they can be called from a test. */
export interface Host {
  readonly stdout: Output;
  readonly stderr: Output;
  readonly workingFolder: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

export function processHost(): Host {
  return {
    stdout: outputOf(process.stdout, process.env),
    stderr: outputOf(process.stderr, process.env),
    workingFolder: process.cwd(),
    env: process.env,
  };
}

/**
 * Colours on a terminal unless `NO_COLOR` is set, and where `FORCE_COLOR` asks for them; a live display only on a real
 * terminal outside continuous integration.
 */
export function outputOf(stream: NodeJS.WriteStream, env: Host["env"]): Output {
  const terminal = stream.isTTY === true && env.TERM !== "dumb";
  const set = (name: string): boolean => env[name] !== undefined && env[name] !== "";
  const forced = set("FORCE_COLOR") && env.FORCE_COLOR !== "0";
  return {
    write: (text) => {
      stream.write(text);
    },
    live: terminal && !set("CI"),
    colors: createColors(!set("NO_COLOR") && (forced || terminal)),
    columns: stream.columns ?? 100,
  };
}
