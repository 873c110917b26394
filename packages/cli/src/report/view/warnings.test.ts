import { expect, it } from "vitest";
import { sampleManifest } from "../../../test/fixtures/manifest.js";
import { dataWarnings } from "./warnings.js";

it("warnings are notes with the code of one, told once for all seeds", () => {
  const manifest = sampleManifest();
  const nodes = manifest.nodes.map((node) => ({
    ...node,
    notes:
      node.name === "both"
        ? ["KDP7106: 2 users have no negatives left", "KDP7108: 3 users have no test item", "KDP9999: x", "plain words"]
        : [],
  }));
  expect(dataWarnings({ ...manifest, nodes })).toEqual([
    { code: "KDP7106", message: "2 users have no negatives left", place: "both" },
  ]);
});
