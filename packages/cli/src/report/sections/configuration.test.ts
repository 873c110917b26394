import type { RunManifest } from "@kdp/runtime";
import { describe, expect, it } from "vitest";
import { sampleManifest } from "../../../test/fixtures/manifest.js";
import { reportView } from "../view/report-view.js";
import { configurationSection } from "./configuration.js";

const sample = sampleManifest();

/** What the details of a node say, one cell or line after another. */
function detailsOf(run: RunManifest, name: string): string {
  const body = String(configurationSection(reportView(run), () => "here.kdp:1").body);
  const details = body.split("<details>").find((part) => part.startsWith(`<summary><span class="id">${name}<`)) ?? "";
  return details.replace(/<[^>]+>/g, " ").replace(/\s+/g, " ");
}

describe("the configuration of a student", () => {
  it("tells in its first line what it was taught by, and what is not a default of it", () => {
    expect(detailsOf(sample, "both")).toContain("seed: 0 | 1 | 2), taught by rrd(weight: 0.001), htd(weight: 0.001)");
    expect(detailsOf(sample, "plain")).not.toContain("taught by");
  });

  it("has every value of its lesson", () => {
    expect(detailsOf(sample, "ranked")).toContain(
      "base_weight 1 default of kdp rrd.weight 0.001 here.kdp:1 rrd.temperature 10 default of @kdp/plugins",
    );
  });

  it("has the values of all cells where they differ", () => {
    const nodes = sample.nodes.map((node) => {
      if (node.name !== "ranked" || !node.lesson || node.id.endsWith("[seed=0]")) return node;
      const losses = node.lesson.losses.map((loss) => ({ ...loss, params: { ...loss.params, weight: 0.5 } }));
      return { ...node, lesson: { ...node.lesson, losses, baseWeight: 0 } };
    });
    const text = detailsOf({ ...sample, nodes }, "ranked");
    expect(text).toContain("taught by rrd(weight: 0.001 | 0.5)");
    expect(text).toContain("base_weight 1 | 0 default of kdp rrd.weight 0.001 | 0.5 here.kdp:1");
  });
});
