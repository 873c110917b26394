import { join, relative } from "node:path";
import type { FaultData, RunManifest, RunResult } from "@kdp/runtime";
import {
  addFormat,
  addOnly,
  addPipelineOptions,
  type PipelineFlags,
  pipelineOptions,
  printJson,
} from "../args/shared-options.js";
import { positiveInteger } from "../args/values.js";
import { EXIT } from "../failures/exit.js";
import { tellOfBugs } from "../failures/report-failure.js";
import type { Host } from "../io/host.js";
import type { Display } from "../progress/display.js";
import { commandText } from "../text/command-text.js";
import { locateIn } from "../text/origin.js";
import { type AddCommand, addExamples, type CommandContext } from "./command.js";
import { type Findings, jsonFindings, lineWidthOf, printFindings } from "./diagnostics-output.js";
import { openRuntime } from "./open-runtime.js";

interface RunFlags extends PipelineFlags {
  readonly format: "pretty" | "json";
  readonly out?: string;
  readonly jobs?: number;
  readonly device?: string;
  readonly baseline?: string;
  readonly requireBaseline?: boolean;
}

/** `kdp run`: computes what is not stored yet, judges the gates, publishes the exports, writes the report. */
export const addRun: AddCommand = (program, context) => {
  const { host, action } = context;
  const command = program
    .command("run")
    .summary("run a pipeline")
    .description(
      "Runs a pipeline: computes what is not stored yet, judges the gates, publishes the exports, writes manifest.json and report.html.",
    )
    .argument("<file>", "the .kdp file")
    .option("--out <dir>", "folder of the run (default: .kdp/runs/<pipeline>/<run id>)")
    .option("--jobs <n>", "nodes that run at once (default: the number of cores)", positiveInteger("--jobs"))
    .option("--device <name>", "device that trains: auto, cpu, webgpu, tensorflow")
    .option("--baseline <run>", "manifest of an earlier run, its folder, or a git ref, for baseline(…) in gates")
    .option("--require-baseline", "a gate without its baseline fails")
    .action(
      action(async (file: string, flags: RunFlags) => {
        const { runtime, library } = await openRuntime();
        const { interruptsOf } = await import("@kdp/runtime");
        const interrupts = interruptsOf(process);
        const display = await openDisplay(host);
        interrupts.signal.addEventListener("abort", () =>
          display.say("stopping: saving checkpoints; once more to stop at once, without"),
        );
        try {
          const result = await runtime.run(
            { ...pipelineOptions(file, flags, host), ...runOptions(flags), library, signal: interrupts.signal },
            (event) => display.onEvent(event),
          );
          display.close();
          return await finish(result, file, flags, context);
        } finally {
          display.close();
          interrupts.release();
        }
      }),
    );
  addFormat(addPipelineOptions(addOnly(command)));
  addExamples(command, [
    ["kdp run pipeline.kdp", "everything in the file's export, expect and metrics"],
    ["kdp run pipeline.kdp --set seed=1", "one cell of the matrix"],
    ["kdp run pipeline.kdp --only scores.kd,teacher", "these results and what they need"],
    ["kdp run pipeline.kdp --out runs/nightly --json", "manifest on stdout, progress on stderr"],
    ["kdp run pipeline.kdp --baseline main", "baseline(…) in gates is the run of a git ref"],
  ]).addHelpText(
    "after",
    `
Exit codes:
  0  all gates hold                    3  a node failed; what was computed is kept
  1  a gate is not met                 4  a bug in kdp
  2  the pipeline or its data is wrong 130, 143  interrupted; run again to go on`,
  );
};

function runOptions(flags: RunFlags) {
  return {
    ...(flags.out === undefined ? {} : { out: flags.out }),
    ...(flags.jobs === undefined ? {} : { jobs: flags.jobs }),
    ...(flags.device === undefined ? {} : { device: flags.device }),
    ...(flags.baseline === undefined ? {} : { baseline: flags.baseline }),
    requireBaseline: flags.requireBaseline ?? false,
  };
}

async function openDisplay(host: Host): Promise<Display> {
  if (host.stderr.live) return (await import("../progress/live-display.js")).liveDisplay(host);
  return (await import("../progress/line-display.js")).lineDisplay(host);
}

async function finish(result: RunResult, file: string, flags: RunFlags, context: CommandContext): Promise<number> {
  const { host, argv } = context;
  const { manifest, folder } = result;
  const nodeFaults = manifest?.nodes.flatMap(({ fault }) => fault ?? []) ?? [];
  tellOfBugs({ faults: [...result.faults, ...nodeFaults], sources: result.sources }, context);
  if (manifest === null || folder === null) {
    if (flags.format === "json") printJson(host, await jsonFindings(result, file, host.workingFolder));
    else await printFindings(result, host.stderr, host.workingFolder);
    return result.exitCode;
  }
  // A hint is for whoever writes the pipeline (`kdp check`), not for whoever runs it.
  const diagnostics = result.diagnostics.filter(({ severity }) => severity !== "hint");
  const findings: Findings = { diagnostics, faults: result.faults, sources: result.sources };
  await printFindings(findings, host.stderr, host.workingFolder);
  const report = await writeReport(manifest, folder, result);
  if (typeof report === "object") {
    await printFindings({ diagnostics: [], faults: [report], sources: new Map() }, host.stderr, host.workingFolder);
  }
  const exitCode = typeof report === "object" ? Math.max(result.exitCode, EXIT.run) : result.exitCode;
  if (flags.format === "json") {
    printJson(host, manifest);
    return exitCode;
  }
  const { runSummary } = await import("../summary/run-summary.js");
  const { faultFrame } = await import("../failures/fault-frame.js");
  const near = (path: string): string => relative(host.workingFolder, path) || ".";
  const places = {
    folder: near(folder),
    report: typeof report === "string" ? near(report) : null,
    resume: commandText(["kdp", ...argv]),
    frame: faultFrame({
      sources: result.sources,
      root: result.root ?? folder,
      workingFolder: host.workingFolder,
      lineWidth: lineWidthOf(host.stdout),
      colors: host.stdout.colors,
    }),
  };
  host.stdout.write(runSummary(manifest, places, host.stdout.colors));
  return exitCode;
}

/** Writes `report.html`; a report that cannot be written is a fault of the run, which keeps its results. */
async function writeReport(manifest: RunManifest, folder: string, result: RunResult): Promise<string | FaultData> {
  const { writeReportFile } = await import("../report/write-report.js");
  const root = result.root ?? folder;
  const sources = new Map([...result.sources].map(([name, text]) => [name, text]));
  return writeReportFile(manifest, {
    file: join(folder, "report.html"),
    locate: (span) => relative(root, locateIn(sources)(span)),
    drawingCache: join(root, ".kdp", "drawings"),
  });
}
