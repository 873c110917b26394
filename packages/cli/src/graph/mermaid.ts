import { plural } from "../text/format.js";
import type { GraphBox, GraphModel } from "./graph-model.js";

const ARROW = { teach: "==>", "held-out": "-.->", data: "-->" } as const;

/** The grouped graph as a Mermaid flow chart, for a README or a merge request. */
export function graphMermaid(model: GraphModel): string {
  const ids = new Map(model.boxes.map((box, index) => [box.name, `n${index}`]));
  const lines = ["flowchart LR"];
  for (const box of model.boxes) lines.push(`  ${ids.get(box.name)}["${label(box)}"]${classOf(box)}`);
  for (const edge of model.edges) lines.push(`  ${ids.get(edge.from)} ${ARROW[edge.kind]} ${ids.get(edge.to)}`);
  lines.push(
    "  classDef teacher stroke:#23405f,stroke-width:2px",
    "  classDef plain stroke:#7b7f86,stroke-width:2px",
    "  classDef distilled stroke:#c2541b,stroke-width:2px",
  );
  return `${lines.join("\n")}\n`;
}

function label(box: GraphBox): string {
  const what = [box.stage, box.detail].filter((part) => part !== "").join(" · ");
  const cells = box.nodes.length > 1 ? `<br/>${plural(box.nodes.length, "cell")}` : "";
  return `<b>${escapeMermaid(box.name)}</b><br/>${escapeMermaid(what)}${cells}`;
}

const classOf = (box: GraphBox): string => (box.role === "step" || box.role === "model" ? "" : `:::${box.role}`);

/** Mermaid reads `#name;` and `#code;` entities inside quoted labels. */
function escapeMermaid(text: string): string {
  return text.replace(/["#<>&;[\]{}|`\\]/g, (character) => `#${character.codePointAt(0)};`);
}
