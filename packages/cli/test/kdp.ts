import { spawn, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const BIN = fileURLToPath(new URL("../bin/kdp.js", import.meta.url));

export const isRoot = process.getuid?.() === 0;

export interface Outcome {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** As nobody, who may not write where root may; where the test is not root, as the test. */
  readonly unprivileged?: boolean;
  /** Called with what came on stderr so far; may stop the process. */
  readonly onStderr?: (text: string, kill: (signal: NodeJS.Signals) => void, pid: number) => void;
}

/** Runs the real command as a child process, without colours and without what the surroundings set. */
export function kdp(args: readonly string[], options: RunOptions = {}): Promise<Outcome> {
  const { NO_COLOR: _no, FORCE_COLOR: _force, CI: _ci, VITEST: _vitest, NODE_OPTIONS: _options, ...env } = process.env;
  const child = spawn(process.execPath, [BIN, ...args], {
    cwd: options.cwd ?? process.cwd(),
    env: { ...env, ...options.env },
    stdio: ["ignore", "pipe", "pipe"],
    ...(options.unprivileged && isRoot ? { uid: 65534, gid: 65534 } : {}),
  });
  return new Promise((resolve, reject) => {
    let [stdout, stderr] = ["", ""];
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      stdout += text;
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      stderr += text;
      options.onStderr?.(stderr, (signal) => child.kill(signal), child.pid ?? 0);
    });
    child.on("error", reject);
    child.on("close", (code, signal) => resolve({ code, signal, stdout, stderr }));
  });
}

/** A project in a temporary folder, with some files; removed by `dispose`. */
export function project(files: Readonly<Record<string, string | Uint8Array>> = {}) {
  const folder = mkdtempSync(join(tmpdir(), "kdp-cli-"));
  const write = (name: string, content: string | Uint8Array): void => {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), content);
  };
  write("package.json", '{ "name": "project", "private": true }\n');
  for (const [name, content] of Object.entries(files)) write(name, content);
  return {
    folder,
    write,
    path: (...parts: readonly string[]): string => join(folder, ...parts),
    kdp: (args: readonly string[], options: RunOptions = {}) => kdp(args, { cwd: folder, ...options }),
    dispose: () => rmSync(folder, { recursive: true, force: true, maxRetries: 3 }),
  };
}

/** Makes a project readable for all and writable for its owner alone, or for nobody where the owner runs the test. */
export function readOnly(there: Project, on: boolean): void {
  const mode = on ? (isRoot ? "a+rX,go-w" : "a-w,a+rX") : "u+w";
  const { status, stderr } = spawnSync("chmod", ["-R", mode, there.folder], { encoding: "utf8" });
  if (status !== 0) throw new Error(`chmod: ${stderr}`);
}

export type Project = ReturnType<typeof project>;
