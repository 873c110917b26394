import { addFormat, addPipelineOptions, type PipelineFlags, pipelineOptions } from "../args/shared-options.js";
import { tellOfBugs } from "../failures/report-failure.js";
import { type AddCommand, addExamples } from "./command.js";
import { printFindings } from "./diagnostics-output.js";
import { openRuntime } from "./open-runtime.js";

interface GraphFlags extends PipelineFlags {
  readonly format: "mermaid" | "svg";
}

/** `kdp graph`: the pipeline as a picture. */
export const addGraph: AddCommand = (program, context) => {
  const { host, action } = context;
  const command = program
    .command("graph")
    .summary("draw a pipeline")
    .description("Draws the graph of a pipeline, nodes of one name together, as Mermaid text or as an SVG picture.")
    .argument("<file>", "the .kdp file")
    .action(
      action(async (file: string, flags: GraphFlags) => {
        const { runtime, library } = await openRuntime();
        const result = await runtime.check({ ...pipelineOptions(file, flags, host), library });
        tellOfBugs(result, context);
        if (result.plan === null) {
          await printFindings(result, host.stderr, host.workingFolder);
          return result.exitCode;
        }
        const { graphModel } = await import("../graph/graph-model.js");
        const model = graphModel(result.plan.nodes);
        if (flags.format === "mermaid") {
          const { graphMermaid } = await import("../graph/mermaid.js");
          host.stdout.write(graphMermaid(model));
        } else {
          const [{ layoutGraph }, { graphSvg }] = await Promise.all([
            import("../graph/layout.js"),
            import("../graph/svg.js"),
          ]);
          const title = `Pipeline ${result.plan.pipeline}`;
          host.stdout.write(`${graphSvg(layoutGraph(model), { standalone: true, title }).text}\n`);
        }
        return result.exitCode;
      }),
    );
  addFormat(addPipelineOptions(command), ["mermaid", "svg"]);
  addExamples(command, [
    ["kdp graph pipeline.kdp", "Mermaid, for a README"],
    ["kdp graph pipeline.kdp --format svg > pipeline.svg", "a picture that follows the reader's light or dark theme"],
  ]);
};
