import type { Cell, ParamValue, PlanExport } from "@kdp/dsl";
import { metricKey } from "../tables/metric-names.js";
import { exportedModel } from "./exported-model.js";
import type { ExportRequest } from "./exporter.js";

/**
 * A model card in Markdown: what the model is, what it was taught by, what was measured, and what is in the folder. Every
 * value comes from the run; nothing is claimed that it did not measure.
 */
export function modelCard(wanted: PlanExport, cell: Cell, id: string, request: ExportRequest): string {
  const { keyed, results, metrics, gates, checked } = request;
  const { node, key } = exportedModel(id, keyed, results);
  const facts = results.get(node.id)?.meta?.facts ?? {};
  const teachers = node.inputs.filter(({ port }) => port === "teachers").map((input) => input.node);
  const plugin = checked.plugins.get(node.plugin)?.manifest;
  // Metrics of the model itself, or of the `best_of` that chose it.
  const measured = metrics.filter(({ node: metricsNode, group, epoch }) => {
    const of = keyed.plan.nodes.find((candidate) => candidate.id === metricsNode);
    const subject = of?.inputs.find(({ port }) => port === "model")?.node;
    return group === "all" && epoch === undefined && (subject === node.id || subject === id);
  });
  const rows = [
    ["Model", `${node.stage} (${node.plugin}${plugin ? ` ${plugin.version}` : ""})`],
    ["Pipeline", keyed.plan.pipeline],
    ["Node", node.id],
    ["Content key", key],
    ...Object.entries(cell).map(([axis, value]) => [`Axis ${axis}`, String(value)]),
    ["Taught by", teachers.length === 0 ? "the data alone" : teachers.join(", ")],
    ...(node.lesson?.losses ?? []).map((loss) => [`Loss ${loss.stage}`, argumentsText(loss.params)]),
    ["Parameters", String(facts.parameters ?? "unknown")],
    ["Device", deviceText(keyed.devices.of(node))],
  ];
  return [
    `# ${wanted.name}`,
    ...(keyed.plan.doc ? [keyed.plan.doc.trim()] : []),
    table(["", ""], rows),
    "## Arguments",
    table(
      ["argument", "value"],
      Object.entries(node.params).map(([name, value]) => [name, valueText(value)]),
    ),
    "## Measured",
    measured.length === 0
      ? "Nothing was measured on this model in this run."
      : table(
          ["metric", "events", "value"],
          measured.map((row) => [
            metricKey(row),
            row.split,
            Number.isFinite(row.value) ? String(row.value) : "not a number",
          ]),
        ),
    "## Gates",
    gates.length === 0
      ? "The pipeline has no gates."
      : table(
          ["gate", "status"],
          gates.map(({ text, status }) => [text, status]),
        ),
    "## Files",
    `Formats: ${wanted.formats.map(({ name }) => name).join(", ")}. Rows of the tables are users and items in the order of the vocabularies.`,
    "",
  ].join("\n\n");
}

const argumentsText = (params: Readonly<Record<string, ParamValue>>): string =>
  Object.entries(params)
    .map(([name, value]) => `${name}: ${valueText(value)}`)
    .join(", ");

const valueText = (value: ParamValue): string =>
  value === null ? "off" : typeof value === "object" ? `[${value.map(valueText).join(", ")}]` : String(value);

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map(escaped).join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
}

/** Text from a pipeline must not become markup. Underscores inside words are none. */
const escaped = (text: string): string => text.replace(/[\\|<>`*[\]]/g, "\\$&").replace(/\s+/g, " ");

const deviceText = ({ name, found }: ReturnType<ExportRequest["keyed"]["devices"]["of"]>): string =>
  name === "cpu" ? name : `${name} (${found})`;
